// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/Edit.h"
#include "core/annotations/ShapeGrid.h"
#include "tests/support/support.h"

#include <random>

using namespace masque;

class TestShapeGrid : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void findsWhatALookAtAllFinds();
};

void TestShapeGrid::findsWhatALookAtAllFinds()
{
    std::mt19937 random(3);
    const auto any = [&](int from, int to) { return std::uniform_int_distribution<int>(from, to)(random); };
    const auto polygon = [&] {
        const double x = any(-50, 1000), y = any(-50, 800); // also outside of the image
        return Shape{.label = "a", .points = {{x, y}, {x + any(0, 200), y}, {x, y + any(0, 200)}}};
    };
    Annotation annotation;
    ShapeGrid grid;
    for (int step = 0; step < 200; ++step) {
        Edit edit;
        if (annotation.shapes.size() < 20 || any(0, 2) == 0) {
            edit = insertShapes(annotation, {polygon()}, {});
        } else {
            const auto at = static_cast<std::size_t>(any(0, static_cast<int>(annotation.shapes.size()) - 1));
            Shape other = polygon();
            other.id = annotation.shapes[at].id;
            edit = any(0, 1) ? replaceShape(annotation, std::move(other), {})
                             : removeShapes(annotation, {annotation.shapes[at].id}, {});
        }
        apply(edit, annotation);
        grid.update(annotation, {1000, 800}, edit.dirtyRect());
        const Rect area{any(-20, 990), any(-20, 790), any(1, 300), any(1, 300)};
        std::vector<std::size_t> expected;
        for (std::size_t i = 0; i < annotation.shapes.size(); ++i)
            if (!annotation.shapes[i].bounds().intersected(area).isEmpty())
                expected.push_back(i);
        QCOMPARE(grid.touching(area), expected);
        QCOMPARE(grid.size(), annotation.shapes.size());
    }
}

QTEST_GUILESS_MAIN(TestShapeGrid)
#include "test_shape_grid.moc"
