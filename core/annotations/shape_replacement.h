// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/mask_ops.h"
#include "core/annotations/shape_ops.h"

namespace masque {

inline Mask intersection(const Mask &a, const Mask &b)
{
    return subtracted(a, subtracted(a, b));
}

/// Pixels before and after, shape by shape, so that the cost is that of the shapes and not of the image.
class Agreement {
public:
    void add(const Mask &before, const Mask &after)
    {
        m_common += cv::countNonZero(intersection(before, after).bits);
        m_joined += cv::countNonZero(united(before, after).bits);
    }
    double iou() const { return m_joined == 0 ? 1 : double(m_common) / double(m_joined); }

private:
    std::int64_t m_common = 0, m_joined = 0;
};

/// Replaces single shapes by any number of others at their place in the paint order.
class Replacement {
public:
    explicit Replacement(const Annotation &annotation) : m_annotation(annotation) {}

    /// The first part keeps the shape's id. To be called from the highest shape down, so that every place stays true.
    void replace(std::size_t index, std::vector<Shape> parts)
    {
        const Shape &before = m_annotation.shapes[index];
        if (parts.empty()) {
            m_operation.edit.shapes.push_back({before, {}, index, 0});
            return;
        }
        for (std::size_t k = 1; k < parts.size(); ++k) {
            parts[k].id = nextShapeId();
            parts[k].source.reset(); // one JSON object belongs to one shape
        }
        for (const Shape &part : parts)
            m_operation.made.insert(part.id);
        m_operation.edit.shapes.push_back({before, std::move(parts.front()), index, index});
        for (std::size_t k = 1; k < parts.size(); ++k)
            m_operation.edit.shapes.push_back({{}, std::move(parts[k]), 0, index + k});
    }
    ShapeOperation &operation() { return m_operation; }

private:
    const Annotation &m_annotation;
    ShapeOperation m_operation;
};

} // namespace masque
