// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/rasterise.h"
#include "studio/canvas/CanvasWidget.h"
#include "studio/panels/LabelWorkspace.h"
#include "tests/studio/label/LabelFixture.h"

#include <QAction>
#include <QMouseEvent>
#include <QTest>
#include <QToolButton>
#include <QUndoStack>

#include <vector>

namespace masque {

/// Real mouse and key events on the whole workspace. The canvas shows the first of four images at 400 %, so that image
/// pixels lie four widget pixels apart.
class WorkspaceTest : public QObject {
    Q_OBJECT
protected:
    QPoint at(double x, double y) const { return m_canvas->viewport().widgetFromImage(QPointF(x, y)).toPoint(); }
    void click(double x, double y, Qt::KeyboardModifiers keys = {})
    {
        QTest::mouseMove(m_canvas, at(x, y));
        QTest::mouseClick(m_canvas, Qt::LeftButton, keys, at(x, y));
    }
    void drag(const std::vector<QPointF> &path, Qt::KeyboardModifiers keys = {})
    {
        QTest::mousePress(m_canvas, Qt::LeftButton, keys, at(path.front().x(), path.front().y()));
        for (const QPointF &point : path)
            move(point.x(), point.y());
        QTest::mouseRelease(m_canvas, Qt::LeftButton, keys, at(path.back().x(), path.back().y()));
    }
    void move(double x, double y)
    {
        QMouseEvent event(QEvent::MouseMove, at(x, y), m_canvas->mapToGlobal(at(x, y)), Qt::NoButton, Qt::LeftButton,
                          Qt::NoModifier);
        QCoreApplication::sendEvent(m_canvas, &event);
    }
    void useTool(const char *id)
    {
        auto *button = m_workspace->findChild<QToolButton *>(QStringLiteral("tool-") + QLatin1String(id));
        QVERIFY(button);
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(button->isChecked());
    }
    cv::Mat1b map() const { return rasterise(m_document->annotation(), m_document->labels(), Size{64, 48}); }
    const std::vector<Shape> &shapes() const { return m_document->annotation().shapes; }
    QAction *action(const char *name) const { return m_workspace->findChild<QAction *>(QLatin1String(name)); }

    /// What a canvas shows once no part of it is a draft.
    static QImage settled(CanvasWidget &canvas)
    {
        canvas.grab();
        [&] { QTRY_VERIFY(canvas.isSettled()); }();
        return canvas.grab().toImage();
    }

    std::unique_ptr<LabelFixture> m_data;
    std::unique_ptr<JobRunner> m_jobs;
    std::unique_ptr<Document> m_document;
    PluginRegistry m_plugins;
    std::unique_ptr<LabelWorkspace> m_workspace;
    CanvasWidget *m_canvas = nullptr;

    /// Whole image coordinates lie on whole widget pixels, whatever the canvas's size is.
    void lookAt400Percent()
    {
        m_canvas->setViewport({4, {32 + (m_canvas->width() % 2) / 8.0, 24 + (m_canvas->height() % 2) / 8.0}, false});
    }

    void setUp()
    {
        m_data = std::make_unique<LabelFixture>(4);
        m_jobs = makeSynchronousJobRunner();
        m_plugins = LabelFixture::plugins();
        m_document = std::make_unique<Document>(*m_jobs, m_plugins.formats);
        m_workspace = std::make_unique<LabelWorkspace>(*m_document, m_plugins, *m_jobs);
        m_canvas = m_workspace->findChild<CanvasWidget *>(QStringLiteral("canvas"));
        m_workspace->resize(1200, 700);
        m_workspace->show();
        QVERIFY(QTest::qWaitForWindowActive(m_workspace.get()));
        m_document->open(m_data->path());
        QVERIFY(m_document->isLoaded());
        lookAt400Percent();
        m_canvas->setFocus();
    }

    void tearDown()
    {
        m_workspace.reset();
        m_document.reset();
        m_jobs.reset();
        m_data.reset();
    }
};

} // namespace masque
