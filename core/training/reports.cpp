// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/EpochReport.h"

namespace masque {

Json EpochReport::toJson() const
{
    Json json = Json::object();
    json.set("event", "epoch");
    json.set("epoch", epoch);
    json.set("split", split);
    json.set("loss", metrics.loss);
    json.set("pixel_accuracy", metrics.pixelAccuracy);
    json.set("mean_iou", metrics.meanIou);
    json.set("mean_dice", metrics.meanDice);
    json.set("foreground_iou", metrics.foregroundIou);
    json.set("foreground_dice", metrics.foregroundDice);
    json.set("lr", lr);
    json.set("seconds", seconds);
    json.set("images_per_second", imagesPerSecond);
    if (best)
        json.set("best", true);
    return json;
}

EpochReport EpochReport::fromJson(const Json &json)
{
    EpochReport report;
    report.epoch = static_cast<int>(json["epoch"].toInt());
    report.split = json["split"].toString();
    report.metrics = {.loss = json["loss"].toDouble(),
                      .pixelAccuracy = json["pixel_accuracy"].toDouble(),
                      .meanIou = json["mean_iou"].toDouble(),
                      .meanDice = json["mean_dice"].toDouble(),
                      .foregroundIou = json["foreground_iou"].toDouble(),
                      .foregroundDice = json["foreground_dice"].toDouble()};
    report.lr = json["lr"].toDouble();
    report.seconds = json["seconds"].toDouble();
    report.imagesPerSecond = json["images_per_second"].toDouble();
    report.best = json["best"].toBool();
    return report;
}

double EpochReport::value(const std::string &key) const
{
    return toJson()[key].toDouble();
}

} // namespace masque
