// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/EpochReport.h"

namespace masque {

Json EpochReport::toJson() const
{
    Json json = Json::object();
    json.set("event", "epoch");
    json.set("epoch", epoch);
    json.set("split", split);
    metrics.addTo(json);
    json.set("lr", lr);
    json.set("seconds", seconds);
    json.set("images_per_second", imagesPerSecond);
    if (best)
        json.set("best", true);
    if (uncorrected) {
        Json without = Json::object();
        without.set("corrected_images", uncorrected->correctedImages);
        uncorrected->metrics.addTo(without);
        json.set("without_corrected", std::move(without));
    }
    return json;
}

EpochReport EpochReport::fromJson(const Json &json)
{
    EpochReport report;
    report.epoch = static_cast<int>(json["epoch"].toInt());
    report.split = json["split"].toString();
    report.metrics = MetricValues::from(json);
    report.lr = json["lr"].toDouble();
    report.seconds = json["seconds"].toDouble();
    report.imagesPerSecond = json["images_per_second"].toDouble();
    report.best = json["best"].toBool();
    if (const auto &without = json["without_corrected"]; without.isObject())
        report.uncorrected = {static_cast<int>(without["corrected_images"].toInt()), MetricValues::from(without)};
    return report;
}

double EpochReport::value(const std::string &key) const
{
    return toJson()[key].toDouble();
}

} // namespace masque
