// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/compare/PairView.h"
#include "studio/document/image_levels.h"

#include <QImage>
#include <QWidget>

#include <array>
#include <memory>

QT_BEGIN_NAMESPACE
class QHBoxLayout;
class QLabel;
class QStackedLayout;
QT_END_NAMESPACE

namespace masque {

/// Image, ground truth, prediction and difference, all four or two of them in one place: one viewport and one cursor in
/// all. The prediction of another model can be one of the two.
class LinkedViews : public QWidget {
    Q_OBJECT
public:
    enum View { Image, Truth, Predicted, Difference, ViewCount };
    static constexpr int Other = ViewCount, ContentCount = ViewCount + 1;
    enum class Arrangement { Four, Split, Blink };
    explicit LinkedViews(QWidget *parent = nullptr);

    /// An image with what lies over it, and over all of that. content: a View or Other.
    void showImage(int content, std::shared_ptr<const ImageLevels> image, const QImage &overlay = {},
                   const QImage &mark = {});
    /// No image, but a sentence that says why.
    void showText(int content, const QString &text);
    void setNote(View view, const QString &note);  ///< beside the title
    void addToHeading(View view, QWidget *widget); ///< at its end
    void setOpacity(double opacity);
    void fit();
    void setArrangement(Arrangement arrangement);
    void setPair(int first, int second); ///< contents that share a place
    static QString nameOf(int content);
    ImageView *view(View view) const { return m_views[view]; }
    PairView *pair() const { return m_pair; }

private:
    struct Content {
        std::shared_ptr<const ImageLevels> image;
        QImage overlay, mark;
        QString text;
    };
    QWidget *makeFour();
    void link(ImageView *view);
    void fill(ImageView *view, const Content &content);
    void update(int content);

    std::array<ImageView *, ViewCount> m_views{};
    std::array<QLabel *, ViewCount> m_notes{};
    std::array<QHBoxLayout *, ViewCount> m_headings{};
    std::array<Content, ContentCount> m_contents;
    std::vector<ImageView *> m_linked;
    PairView *m_pair = nullptr;
    QStackedLayout *m_pages = nullptr;
    int m_first = Truth, m_second = Predicted;
    double m_opacity = 0.6;
};

} // namespace masque
