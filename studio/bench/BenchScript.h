// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/bench/CanvasBench.h"
#include "studio/canvas/CanvasWidget.h"
#include "studio/document/Document.h"
#include "studio/panels/LabelWorkspace.h"
#include "studio/training/TrainingJob.h"

#include <QElapsedTimer>
#include <QEvent>
#include <QTimer>

#include <functional>
#include <memory>
#include <vector>

namespace masque {

class ToolController;

/// Runs the operations one after another on the event loop: every few milliseconds one event is posted; its time ends
/// when the loop has painted what it asked for.
class BenchScript : public QObject {
    Q_OBJECT
public:
    BenchScript(const CanvasBenchOptions &options, const PluginRegistry &plugins, const QString &folder,
                std::stop_token stop);
    ~BenchScript() override;

    void start();
    Result<Json> result() const { return m_failure ? Result<Json>(*m_failure) : Result<Json>(Json(m_rows)); }

Q_SIGNALS:
    void finished();

protected:
    bool event(QEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    /// setUp is called once; then, as soon as isReady says so, act is called count times. An event's time ends at the
    /// first turn of the loop after which isDone says so.
    struct Operation {
        std::string name;
        int count = 0;
        std::function<void()> setUp = [] {};
        std::function<void(int)> act = [](int) {};
        std::function<bool()> isReady = {};
        std::function<bool()> isDone = [] { return true; };
        bool isLookedAt = false; ///< every event waits for isReady, not the first alone
    };
    void addLargeImage();
    void addPolygons();
    void addWalk();
    void add(Operation operation);
    Result<void> makeData();
    void tick();
    void finishOperation();
    void fail(Error error);

    // Events
    void open(const QString &name);
    void send(QEvent *event);
    void mouse(QEvent::Type type, QPointF at, Qt::MouseButton button, Qt::MouseButtons buttons);
    void wheel(QPointF at, int delta, Qt::KeyboardModifiers keys);
    void useTool(const char *name);
    bool isCalm() const;

    const CanvasBenchOptions m_options;
    const QString m_folder;
    std::stop_token m_stop;
    const PluginRegistry &m_plugins;
    std::unique_ptr<JobRunner> m_jobs;
    std::unique_ptr<Document> m_document;
    std::unique_ptr<LabelWorkspace> m_workspace;
    CanvasWidget *m_canvas = nullptr;
    TrainingJob m_training;

    std::vector<Operation> m_operations;
    std::size_t m_current = 0;
    int m_done = 0;
    bool m_isSetUp = false, m_isWaiting = false;
    bool m_hasPainted = false; ///< the canvas, since the event
    double m_unpaintedMs = -1; ///< when everything but a repaint was done
    std::vector<double> m_times, m_idle;
    QTimer m_pace;
    QElapsedTimer m_sincePace, m_sinceEvent;
    Json::Array m_rows;
    std::optional<Error> m_failure;
};

} // namespace masque
