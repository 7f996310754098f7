// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/review/ReviewQueue.h"

#include <QFrame>

QT_BEGIN_NAMESPACE
class QAction;
class QComboBox;
class QDoubleSpinBox;
class QHBoxLayout;
class QLabel;
class QMenu;
class QToolButton;
QT_END_NAMESPACE

namespace masque {

/// Above the canvas while proposals wait: what the current region is about, the decisions on it, how much is left, and
/// as what it is taken. Its buttons are the workspace's actions.
class ReviewBar : public QFrame {
    Q_OBJECT
public:
    ReviewBar(Document &document, ReviewQueue &queue, QWidget *parent = nullptr);

    void addAction(QAction *action);     ///< as a button
    void addMenuAction(QAction *action); ///< in the menu at the end
    /// Switched off by hand; it hides by itself where nothing is proposed.
    void setWanted(bool wanted);
    /// The outline that the current region would get, image coordinates; empty where masks are made.
    std::vector<Point> outline() const { return m_outline; }

Q_SIGNALS:
    void outlineChanged();

private:
    void refresh();
    void setTaking();
    QString regionText() const;

    Document &m_document;
    ReviewQueue &m_queue;
    QLabel *m_region = nullptr, *m_left = nullptr, *m_loss = nullptr;
    QComboBox *m_style = nullptr;
    QDoubleSpinBox *m_tolerance = nullptr, *m_sure = nullptr;
    QToolButton *m_acceptAbove = nullptr, *m_more = nullptr;
    QMenu *m_menu = nullptr, *m_classes = nullptr;
    QHBoxLayout *m_buttons = nullptr;
    std::vector<Point> m_outline;
    bool m_isWanted = true;
};

} // namespace masque
