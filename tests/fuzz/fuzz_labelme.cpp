// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/annotations/rasterise.h"
#include "tests/fuzz/seeds.h"

namespace masque {

std::vector<std::string> fuzzSeeds()
{
    return {
        R"({"version": "5.1.1", "flags": {"a": true}, "shapes": [{"label": "x", "points": [[1, 2], [3.5, 4e0], [5, 1]],
"group_id": 3, "shape_type": "polygon", "flags": {}}], "imagePath": "a.png", "imageData": null, "imageHeight": 9, "imageWidth": 8})",
        R"({"version": "5.4.1", "shapes": [{"label": "x", "points": [[1, 2], [3, 4]], "description": "d", "shape_type": "mask", "mask":
"iVBORw0KGgoAAAANSUhEUgAAAAMAAAADCAAAAABzQ+pjAAAAEUlEQVR4nGNgYGBkYGBgYAAAABEAA4E2YIoAAAAASUVORK5CYII="}], "imageHeight": 9, "imageWidth": 8})",
        R"({"version": "2.0", "fillColor": [255, 0, 0, 128], "lineColor": null, "shapes": [{"label": "c", "line_color": null,
"points": [[1, 1], [2, NaN], [1e999, -Infinity]]}], "imagePath": "..\\x\u00e9.jpg", "imageData": "AAAA"})",
        R"({"version": "2.3.5", "shapes": [{"label": "r", "shape_type": "rotation", "direction": 0.5, "points": [[1, 1], [4, 1], [4, 4], [1, 4]],
"attributes": {}, "difficult": true, "score": 0.5, "kie_linking": []}, {"label": "o", "shape_type": "circle", "points": [[2, 2], [3, 3]]},
{"label": "r", "shape_type": "rectangle", "points": [[2, 2], [3, 3]]}, {"label": "l", "shape_type": "linestrip", "points": [[2, 2], [3, 3], [0, 0]]},
{"label": "p", "shape_type": "point", "points": [[2, 2]]}], "imageHeight": 9, "imageWidth": 8, "masque": {"checked": true}})"};
}

} // namespace masque

/// Any text is an error or an annotation, whose text means the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace masque;
    auto json = Json::parse({reinterpret_cast<const char *>(data), size});
    if (!json)
        return 0;
    const auto same = Json::parse(json->dump(2));
    require(same.has_value() && *same == *json);
    const auto annotation = labelMeFromJson(std::move(*json), "fuzz.json");
    if (!annotation)
        return 0;
    const auto text = labelMeText(*annotation);
    require(text.has_value());
    auto again = Json::parse(*text);
    require(again.has_value());
    const auto read = labelMeFromJson(std::move(*again), "again.json");
    require(read.has_value());
    require(read->shapes.size() == annotation->shapes.size());
    require(labelMeText(*read).value_or("") == *text);
    Annotation small = *annotation;
    small.imageSize = Size{64, 48};
    LabelSet labels({std::string(kBackgroundName)});
    for (const auto &shape : small.shapes)
        if (!labels.idOf(shape.label) && labels.size() < 200)
            labels.add(shape.label);
    (void)rasterise(small, labels, *small.imageSize);
    return 0;
}
