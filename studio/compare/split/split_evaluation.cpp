// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/split/split_evaluation.h"

#include "core/runs/index/run_keeping.h"
#include "core/runs/run.h"
#include "studio/compare/split/DisagreementModel.h"
#include "studio/jobs/job_support.h"

#include <algorithm>
#include <filesystem>

namespace masque {

namespace {

namespace fs = std::filesystem;

/// A part of a job's progress, from 0 to 1 of what is shown.
struct Share {
    double from = 0, of = 1;
};

Result<Evaluation> evaluateOne(const std::string &path, const SplitRequest &request, const ModelList &models,
                               JobControl &control, Share share)
{
    auto predictor = Predictor::load(path, models);
    if (!predictor)
        return predictor.error();
    const auto report = [&](std::size_t done, std::size_t all) {
        control.report(share.from
                       + share.of * static_cast<double>(done) / static_cast<double>(std::max<std::size_t>(all, 1)));
    };
    auto evaluation = evaluate(*predictor, *request.dataset, request.items, request.split, control.stopToken(), report);
    if (!evaluation || control.isStopRequested() || request.split != "test")
        return evaluation;
    const fs::path checkpoint(predictor->checkpointPath());
    if (auto kept = recordTestUse(checkpoint.parent_path().string(), {.split = request.split,
                                                                      .checkpoint = checkpoint.filename().string(),
                                                                      .images = evaluation->images,
                                                                      .metrics = evaluation->metrics});
        !kept)
        return kept.error();
    return evaluation;
}

/// Cells in other classes; those that are not among them are left out.
void renameCells(std::vector<ImageScore> &scores, const LabelSet &from, const LabelSet &to)
{
    std::vector<int> ids;
    for (const auto &label : from.classes()) {
        const auto id = to.idOf(label.name);
        ids.push_back(id ? *id : -1);
    }
    for (auto &score : scores) {
        for (auto &cell : score.cells)
            cell = {ids[static_cast<std::size_t>(cell.truth)], ids[static_cast<std::size_t>(cell.prediction)],
                    cell.pixels};
    }
}

std::string quoted(const std::string &text)
{
    if (text.find_first_of(",\"\n\r") == std::string::npos)
        return text;
    std::string out = "\"";
    for (const char c : text)
        out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}

std::string number(std::optional<double> value)
{
    return value ? Json(*value).token() : std::string();
}

} // namespace

Result<SplitEvaluation> evaluateSplit(const SplitRequest &request, const ModelList &models, JobControl &control)
{
    stepBehindGui();
    SplitEvaluation out{request.known, {}};
    const double half = !out.own && !request.other.empty() ? 0.5 : 1;
    if (!out.own) {
        auto own = evaluateOne(request.own, request, models, control, {0, half});
        if (!own)
            return own.error();
        out.own = std::make_shared<const Evaluation>(std::move(*own));
    }
    if (request.other.empty() || control.isStopRequested())
        return out;
    auto other = evaluateOne(request.other, request, models, control, {1 - half, half});
    if (!other)
        return other.error();
    renameCells(other->scores, other->labels, out.own->labels);
    out.other = std::make_shared<const Evaluation>(std::move(*other));
    return out;
}

std::string scoresCsv(const SplitEvaluation &evaluation, const Dataset &dataset)
{
    const auto &labels = evaluation.own->labels;
    std::string csv = "file,split,mean_iou,boundary_f1,loss,entropy,margin";
    if (evaluation.other)
        csv += ",other_mean_iou";
    for (const auto &label : labels.classes())
        csv += "," + quoted("iou " + label.name);
    csv += "\n";
    for (const auto &score : evaluation.own->scores) {
        csv += quoted(dataset.items[score.item].image) + "," + evaluation.own->split;
        for (const double value : {score.meanIou, score.boundaryF1, score.loss, score.entropy, score.margin})
            csv += "," + number(value);
        if (evaluation.other) {
            const auto &others = evaluation.other->scores;
            const auto it =
                std::find_if(others.begin(), others.end(), [&](const auto &other) { return other.item == score.item; });
            csv += "," + number(it == others.end() ? std::nullopt : std::optional(it->meanIou));
        }
        for (int id = 0; id < labels.size(); ++id)
            csv += "," + number(iouOf(score, id));
        csv += "\n";
    }
    return csv;
}

} // namespace masque
