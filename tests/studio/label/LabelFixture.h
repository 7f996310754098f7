// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugins/PluginHost.h"
#include "studio/document/Document.h"
#include "tests/support/support.h"

#include <memory>
#include <string>

namespace masque {

/// A folder of small images (64x48, one grey each) that is opened without plugins: `<name>.png`, its `<name>.json`, and
/// an id mask where `masks/<name>.png` is there. Classes: car and tree.
class LabelFixture {
public:
    explicit LabelFixture(int images);

    const TestFolder &folder() const { return m_folder; }
    QString path() const { return QString::fromStdString(m_folder.path() + "/photos"); }
    std::string file(const std::string &name) const { return m_folder.file("photos/" + name); }
    std::string read(const std::string &name) const;
    void write(const std::string &name, const std::string &bytes) const { m_folder.write("photos/" + name, bytes); }
    void writePolygon(const std::string &name, const std::string &label) const; ///< a LabelMe file with one polygon

    static FormatList formats();
    static PluginRegistry plugins(); ///< the built-in tools and the format

private:
    TestFolder m_folder;
};

/// A polygon edit, and a mask of a box.
Edit drawPolygon(const Annotation &annotation, const std::string &label, std::vector<Point> points);
inline Edit drawSquare(const Annotation &annotation, const std::string &label, double x = 10)
{
    return drawPolygon(annotation, label, {{x, 10}, {x + 10, 10}, {x + 10, 20}, {x, 20}});
}

} // namespace masque
