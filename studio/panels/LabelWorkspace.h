// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/shape_ops.h"
#include "core/plugins/PluginHost.h"
#include "studio/document/Document.h"

#include <QMainWindow>

#include <functional>
#include <optional>

class QAction;
class QStackedWidget;

namespace masque {

class BrowserPanel;
class CanvasNote;
class CanvasWidget;
class ClassGrid;
class PredictDialog;
class ReviewBar;
class ReviewQueue;
class ToolController;
class ToolOptionsBar;

/// The Label workspace: canvas, tools and docks around one document, with every action that they know.
class LabelWorkspace : public QMainWindow {
    Q_OBJECT
public:
    LabelWorkspace(Document &document, const PluginRegistry &plugins, JobRunner &jobs, QWidget *parent = nullptr);
    ~LabelWorkspace() override;

    // For menus; the shortcuts work while the keyboard is somewhere in this workspace.
    QList<QAction *> editActions() const { return m_editActions; }
    QList<QAction *> shapeActions() const { return m_shapeMenu; }
    QList<QAction *> viewActions() const { return m_viewActions; }
    QList<QAction *> toolActions() const { return m_toolActions; }
    QList<QAction *> navigationActions() const { return m_navigationActions; }
    QList<QAction *> reviewActions() const { return m_reviewActions; }

    QByteArray saveLayout() const;
    void restoreLayout(const QByteArray &layout);
    /// How things are shown and the tools' options, as JSON; what is unknown or makes no sense is passed over.
    QByteArray saveSettings() const;
    void restoreSettings(const QByteArray &settings);

Q_SIGNALS:
    void cursorText(const QString &text);   ///< "120, 48  car"
    void zoomText(const QString &text);     ///< "66 %"
    void positionText(const QString &text); ///< "12 / 300"
    void messageText(const QString &text);  ///< of the moment: why a key did nothing
    void openFolderRequested();
    void openSampleRequested();
    void openPathRequested(const QString &path); ///< dropped

protected:
    void showEvent(QShowEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    QAction *addAction(QList<QAction *> &group, const QString &name, const QString &text, const QString &icon,
                       const QList<QKeySequence> &keys, std::function<void()> slot);
    void addSeparator(QList<QAction *> &group);
    void makeCentre(const PluginRegistry &plugins, JobRunner &jobs);
    void setGridShown(bool isShown);
    bool isGridShown() const;
    void makeDocks(JobRunner &jobs);
    void makeToolActions();
    void makeEditActions();
    void makeShapeActions();
    void makeFaceActions();
    void makeViewActions();
    void makeNavigationActions();
    void makePanActions();
    // ReviewActions.cpp
    void makeReviewActions(const PluginRegistry &plugins, JobRunner &jobs);
    void showProposals();
    void showRegion();
    void repaintRegion();
    void makeClassKeys();
    void takeChange(const ChangeEvent &event);
    void updateActions();
    void showZoom();
    void showCursor(std::optional<QPointF> imagePosition);

    std::vector<Shape> selectedShapes() const;
    void deleteSelection();
    // ShapeActions.cpp
    std::set<ShapeId> editableSelection() const; ///< without hidden and locked ones
    void insertCopies(const std::vector<Shape> &shapes, double offsetPx, const std::string &verb);
    void duplicateSelection();
    void copySelection();
    void paste();
    void take(ShapeOperation operation); ///< applies it and says what it cost
    void toggleReviewed();
    void goToUnlabelled(int direction);
    void askForImage();
    void findFaces(std::vector<int> items);
    void goToDisputed(int direction);
    void showDisputed(std::size_t rank);
    void showClosely(const Shape &shape); ///< large enough to be seen
    void stepPane(int direction);         ///< the keyboard goes on to the next pane
    void showFocus(QWidget *now);         ///< marks the title of the dock where the keyboard is

    Document &m_document;
    CanvasWidget *m_canvas;
    ClassGrid *m_grid = nullptr;
    QStackedWidget *m_centre = nullptr; ///< canvas, grid
    QAction *m_showGrid = nullptr, *m_findAllFaces = nullptr;
    bool m_isFindingFaces = false;
    std::optional<std::size_t> m_wantedDispute; ///< of the image's, once it is loaded
    ToolController *m_tools;
    BrowserPanel *m_browser = nullptr;
    ToolOptionsBar *m_options = nullptr;
    QList<QAction *> m_editActions, m_shapeMenu, m_viewActions, m_toolActions, m_navigationActions, m_reviewActions;
    QList<QAction *> m_selectionActions, m_shapeActions; ///< enabled with a selection; with an editable image
    QList<QAction *> m_rememberedActions;                ///< switches that keep their state from start to start
    QAction *m_reviewed = nullptr;
    CanvasNote *m_note = nullptr;
    ReviewQueue *m_review = nullptr;
    ReviewBar *m_reviewBar = nullptr;
    PredictDialog *m_predict = nullptr;
    QAction *m_showProposals = nullptr;
};

} // namespace masque
