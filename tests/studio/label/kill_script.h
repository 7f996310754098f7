// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/rasterise.h"
#include "core/base/Random.h"
#include "studio/canvas/CanvasWidget.h"
#include "studio/panels/LabelWorkspace.h"
#include "studio/tools/ToolController.h"
#include "tests/studio/label/LabelFixture.h"

#include <QElapsedTimer>
#include <QMouseEvent>
#include <QTest>
#include <QTimer>

#include <set>
#include <string>

#include <unistd.h>

namespace masque {

/// Strokes are dabs on a grid, so that what is painted can be told from the pixels.
inline constexpr int kCellPx = 4, kColumns = 16, kRows = 12, kImages = 3;

inline std::set<int> paintedCells(const Annotation &annotation)
{
    const auto map =
        rasterise(annotation, LabelSet({"_background_", "car"}), Size{kCellPx * kColumns, kCellPx * kRows});
    std::set<int> cells;
    for (int cell = 0; cell < kColumns * kRows; ++cell)
        if (map(cell / kColumns * kCellPx + 2, cell % kColumns * kCellPx + 2))
            cells.insert(cell);
    return cells;
}

/// A user who paints, erases, undoes, redoes, pauses and changes the image until the process is killed. What is about
/// to be done and what has been done is told on stdout, a line each, by a write that is over when it returns.
class KillScript : public QObject {
    Q_OBJECT
public:
    KillScript(const QString &folder, std::uint64_t seed)
        : m_random(seed), m_jobs(makeThreadedJobRunner()), m_plugins(LabelFixture::plugins()),
          m_document(*m_jobs, m_plugins.formats), m_workspace(m_document, m_plugins, *m_jobs)
    {
        m_canvas = m_workspace.findChild<CanvasWidget *>(QStringLiteral("canvas"));
        m_tools = m_workspace.findChild<ToolController *>();
        m_workspace.resize(1200, 700);
        m_workspace.show();
        m_timer.setSingleShot(true);
        connect(&m_timer, &QTimer::timeout, this, &KillScript::step);
        connect(&m_document, &Document::changed, this, [this](const ChangeEvent &event) {
            if (event.kind == ChangeEvent::ImageLoaded)
                m_timer.start(0);
            if (event.kind == ChangeEvent::SaveStateChanged) {
                const SaveState state = m_document.saveState();
                if (state == SaveState::Saved && m_state != SaveState::Saved)
                    say("s");
                m_state = state;
            }
        });
        m_document.open(folder);
    }

private:
    void say(const std::string &line)
    {
        const std::string bytes = line + "\n";
        if (::write(STDOUT_FILENO, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
            ::_exit(3);
    }
    void dab(int cell, const QString &tool)
    {
        m_tools->setActiveTool(tool);
        m_tools->setBrushRadiusPx(1);
        m_canvas->setViewport({8, {32, 24}, false});
        const auto at = [&](double offset) {
            return m_canvas->viewport()
                .widgetFromImage({cell % kColumns * kCellPx + 2.4 + offset, cell / kColumns * kCellPx + 2.4})
                .toPoint();
        };
        QTest::mousePress(m_canvas, Qt::LeftButton, {}, at(0));
        QMouseEvent move(QEvent::MouseMove, at(0.3), m_canvas->mapToGlobal(at(0.3)), Qt::NoButton, Qt::LeftButton, {});
        QCoreApplication::sendEvent(m_canvas, &move);
        QTest::mouseRelease(m_canvas, Qt::LeftButton, {}, at(0.3));
    }
    void step()
    {
        m_document.setActiveLabel(QStringLiteral("car"));
        const std::set<int> painted = paintedCells(m_document.annotation());
        const History &history = *m_document.undoStack();
        const std::string image = std::to_string(m_document.currentIndex());
        const int choice = m_random.below(20);
        if (choice == 0) {
            int next = m_random.below(kImages - 1);
            next += next >= m_document.currentIndex();
            m_document.setCurrentIndex(next); // goes on when it is loaded
            return;
        }
        if (choice <= 3 && history.canUndo()) {
            say("b " + image + " undo");
            m_document.undo();
            say("e");
        } else if (choice == 4 && history.canRedo()) {
            say("b " + image + " redo");
            m_document.redo();
            say("e");
        } else if (painted.size() > 60) {
            say("b " + image + " clear");
            std::vector<ShapeId> ids;
            for (const Shape &shape : m_document.annotation().shapes)
                ids.push_back(shape.id);
            m_document.applyEdit(removeShapes(m_document.annotation(), ids, "Delete shapes"));
            say("e");
        } else {
            const int cell = m_random.below(kColumns * kRows);
            const bool isPainted = painted.contains(cell);
            say("b " + image + (isPainted ? " erase " : " paint ") + std::to_string(cell));
            dab(cell, isPainted ? QStringLiteral("eraser") : QStringLiteral("brush"));
            say("e");
        }
        // Now and then long enough for autosave.
        m_timer.start(m_random.chance(0.12) ? 1000 + m_random.below(300) : m_random.below(90));
    }

    Random m_random;
    std::unique_ptr<JobRunner> m_jobs;
    PluginRegistry m_plugins;
    Document m_document;
    LabelWorkspace m_workspace;
    CanvasWidget *m_canvas;
    ToolController *m_tools;
    QTimer m_timer;
    SaveState m_state = SaveState::Saved;
};

} // namespace masque
