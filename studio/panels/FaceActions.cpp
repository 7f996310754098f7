// SPDX-License-Identifier: GPL-3.0-or-later
// LabelWorkspace's way to faces in photos.
#include "studio/panels/LabelWorkspace.h"

#include "core/annotations/face_fields.h"
#include "core/annotations/mask_ops.h"
#include "core/faces/FaceDetector.h"
#include "core/image/image_file.h"
#include "studio/review/face_model.h"

#include <QAction>
#include <QPointer>

#include <algorithm>
#include <numeric>

namespace masque {

namespace {

constexpr const char *kFaceLabel = "face";
constexpr double kSameFace = 0.4; ///< IoU with a rectangle that is there already

/// Rectangles around the faces that no rectangle marks yet.
Edit faceEdit(const Annotation &annotation, const std::vector<Face> &faces, Size size)
{
    std::vector<cv::Rect2d> known;
    for (const Shape &shape : annotation.shapes)
        if (shape.type == ShapeType::Rectangle && shape.points.size() == 2)
            known.emplace_back(cv::Point2d(shape.points[0].x, shape.points[0].y),
                               cv::Point2d(shape.points[1].x, shape.points[1].y));
    std::vector<Shape> found;
    for (const Face &face : faces) {
        const cv::Rect2d box = face.box & cv::Rect2d(0, 0, size.width, size.height);
        if (box.empty() || std::ranges::any_of(known, [&](const auto &old) { return boxIou(old, box) >= kSameFace; }))
            continue;
        Shape shape{.label = kFaceLabel};
        shape.type = ShapeType::Rectangle;
        shape.points = {{box.x, box.y}, {box.x + box.width, box.y + box.height}};
        found.push_back(std::move(shape));
    }
    return found.empty() ? Edit{.name = {}, .shapes = {}} : insertShapes(annotation, std::move(found), "Find faces");
}

/// A face on which raters' votes differ: the how-manieth of its image's, least agreement first.
struct Dispute {
    double agreement = 0;
    int item = 0;
    std::size_t rank = 0;
    auto operator<=>(const Dispute &) const = default;
};

std::vector<Dispute> disputedFaces(const std::vector<ItemSummary> &summaries)
{
    std::vector<Dispute> out;
    for (std::size_t item = 0; item < summaries.size(); ++item)
        for (std::size_t rank = 0; rank < summaries[item].agreements.size(); ++rank)
            if (const double agreement = summaries[item].agreements[rank]; agreement < 1)
                out.push_back({agreement, static_cast<int>(item), rank});
    std::ranges::sort(out);
    return out;
}

} // namespace

void LabelWorkspace::makeFaceActions()
{
    addSeparator(m_shapeMenu);
    m_shapeActions << addAction(m_shapeMenu, QStringLiteral("find-faces"), tr("Find faces"), {},
                                {QKeySequence(QStringLiteral("Ctrl+Alt+F"))}, [this] {
                                    if (m_document.currentIndex() >= 0)
                                        findFaces({m_document.currentIndex()});
                                });
    m_shapeActions.back()->setToolTip(tr("A rectangle of the class face around each; Undo takes them away"));
    m_findAllFaces =
        addAction(m_shapeMenu, QStringLiteral("find-all-faces"), tr("Find faces in all images"), {}, {}, [this] {
            if (m_isFindingFaces) {
                m_isFindingFaces = false;
                return;
            }
            std::vector<int> items(m_document.summaries().size());
            std::iota(items.begin(), items.end(), 0);
            findFaces(std::move(items));
        });
    const auto addStep = [this](const char *name, const QString &text, const char *key, int direction) {
        addAction(m_shapeMenu, QLatin1String(name), text, {}, {QKeySequence(QLatin1String(key))}, [this, direction] {
            goToDisputed(direction);
        })->setToolTip(tr("Faces on which several raters' votes differ, in all images, the most disputed first"));
    };
    addStep("next-disputed", tr("Next disputed face"), "Ctrl+Alt+J", 1);
    addStep("previous-disputed", tr("Previous disputed face"), "Ctrl+Alt+Shift+J", -1);
}

/// Walks round the disputed faces of all images in order of their agreement, from the one that is selected.
void LabelWorkspace::goToDisputed(int direction)
{
    const auto disputes = disputedFaces(m_document.summaries());
    if (disputes.empty()) {
        Q_EMIT messageText(tr("There is no face on which raters' votes differ"));
        return;
    }
    const auto count = static_cast<std::ptrdiff_t>(disputes.size());
    std::ptrdiff_t next = direction > 0 ? 0 : count - 1;
    const auto own = agreements(m_document.annotation());
    for (std::ptrdiff_t i = 0; i < count; ++i) {
        const Dispute &dispute = disputes[static_cast<std::size_t>(i)];
        if (dispute.item == m_document.currentIndex() && dispute.rank < own.size()
            && m_document.selection().contains(own[dispute.rank].second))
            next = (i + direction + count) % count;
    }
    const Dispute &wanted = disputes[static_cast<std::size_t>(next)];
    m_showGrid->setChecked(false);
    Q_EMIT messageText(tr("Disputed face %1 of %2").arg(next + 1).arg(count));
    if (wanted.item == m_document.currentIndex() && m_document.isLoaded()) {
        showDisputed(wanted.rank);
        return;
    }
    m_wantedDispute = wanted.rank;
    m_document.setCurrentIndex(wanted.item);
}

void LabelWorkspace::showDisputed(std::size_t rank)
{
    const auto own = agreements(m_document.annotation());
    const Shape *face = rank < own.size() ? m_document.annotation().find(own[rank].second) : nullptr;
    if (!face)
        return;
    m_document.setSelection({face->id});
    showClosely(*face);
}

void LabelWorkspace::findFaces(std::vector<int> items)
{
    const auto dataset = m_document.dataset();
    if (!dataset || items.empty() || m_isFindingFaces)
        return;
    m_isFindingFaces = true;
    m_findAllFaces->setText(tr("Stop finding faces"));
    struct Work { // of one job at a time
        std::unique_ptr<FaceDetector> detector;
        int faces = 0;
    };
    const auto work = std::make_shared<Work>();
    const int total = static_cast<int>(items.size());
    m_document.editItems(
        std::move(items),
        [work, dataset, options = chosenFaceDetector()](int item, const Annotation &annotation, Size size,
                                                        std::stop_token) -> Result<Edit> {
            if (!work->detector) {
                auto made = makeFaceDetector(options);
                if (!made)
                    return made.error();
                work->detector = std::move(*made);
            }
            const auto image = readImage(dataset->absolute(dataset->items[static_cast<std::size_t>(item)].image));
            if (!image)
                return image.error();
            Edit edit = faceEdit(annotation, work->detector->detect(*image), size);
            work->faces += static_cast<int>(edit.shapes.size());
            return edit;
        },
        [self = QPointer(this), work, total](const Document::BatchOutcome &outcome, bool isOver) {
            if (!self)
                return false;
            const bool goesOn = self->m_isFindingFaces && !isOver;
            if (goesOn) {
                if (total > 1)
                    Q_EMIT self->messageText(tr("Finding faces: %1 of %2 images").arg(outcome.done).arg(total));
                return true;
            }
            self->m_isFindingFaces = false;
            self->m_findAllFaces->setText(tr("Find faces in all images"));
            QString text = tr("Faces found: %1; images changed: %2").arg(work->faces).arg(outcome.changed);
            if (outcome.failed > 0)
                text += QStringLiteral(". ") + outcome.error;
            Q_EMIT self->messageText(text);
            return false;
        });
}

} // namespace masque
