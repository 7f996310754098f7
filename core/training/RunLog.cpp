// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/RunLog.h"

#include "core/base/files.h"
#include "core/base/text.h"

#include <cmath>
#include <filesystem>

namespace masque {

namespace {

double rounded(double value)
{
    return std::isfinite(value) ? std::round(value * 1e4) / 1e4 : value;
}

Json stepJson(const StepRecord &step)
{
    Json json = Json::object(), samples = Json::array(), losses = Json::array();
    json.set("epoch", step.epoch);
    json.set("step", step.step);
    json.set("lr", step.lr);
    json.set("loss", std::isfinite(step.loss) ? Json(step.loss) : Json());
    for (const auto sample : step.samples)
        samples.push_back(static_cast<std::uint64_t>(sample));
    for (const auto loss : step.sampleLosses)
        losses.push_back(std::isfinite(loss) ? Json(rounded(loss)) : Json());
    json.set("samples", std::move(samples));
    json.set("losses", std::move(losses));
    return json;
}

StepRecord stepFromJson(const Json &json)
{
    StepRecord step{.epoch = static_cast<int>(json["epoch"].toInt()),
                    .step = static_cast<int>(json["step"].toInt()),
                    .lr = json["lr"].toDouble(),
                    .loss = json["loss"].toDouble(std::nan(""))};
    for (const auto &sample : json["samples"].items())
        step.samples.push_back(static_cast<std::size_t>(sample.toInt()));
    for (const auto &loss : json["losses"].items())
        step.sampleLosses.push_back(static_cast<float>(loss.toDouble(std::nan(""))));
    return step;
}

} // namespace

RunLog::RunLog(const std::string &runFolder)
    : m_path(runFolder.empty() ? "" : runFolder + "/log.jsonl"),
      m_stepsPath(runFolder.empty() ? "" : runFolder + "/steps.jsonl")
{
}

Result<void> RunLog::start()
{
    if (m_path.empty())
        return {};
    if (auto started = writeFileAtomically(m_path, ""); !started)
        return started;
    return writeFileAtomically(m_stepsPath, "");
}

Result<std::vector<EpochReport>> RunLog::cutAfter(int epoch, int step)
{
    std::error_code error;
    std::vector<EpochReport> epochs;
    std::string text;
    if (std::filesystem::exists(m_path, error)) {
        auto read = readFile(m_path);
        if (!read)
            return read.error();
        text = std::move(*read);
    }
    std::string kept;
    for (const auto &line : splitText(text, '\n')) {
        const auto json = Json::parse(line);
        if (!json || ((*json)["event"].toString() == "epoch" && (*json)["epoch"].toInt() > epoch))
            break;
        if ((*json)["event"].toString() == "epoch")
            epochs.push_back(EpochReport::fromJson(*json));
        kept += line + "\n";
    }
    if (auto written = writeFileAtomically(m_path, kept); !written)
        return written.error();
    if (auto cut = cutSteps(epoch, step); !cut)
        return cut.error();
    return epochs;
}

Result<void> RunLog::cutSteps(int epoch, int step)
{
    std::error_code error;
    std::string kept;
    if (std::filesystem::exists(m_stepsPath, error)) {
        const auto text = readFile(m_stepsPath);
        if (!text)
            return text.error();
        for (const auto &line : splitText(*text, '\n')) {
            const auto json = Json::parse(line);
            if (!json)
                break;
            const auto at = (*json)["epoch"].toInt();
            if (at <= epoch || (at == epoch + 1 && (*json)["step"].toInt() <= step))
                kept += line + "\n";
        }
    }
    return writeFileAtomically(m_stepsPath, kept);
}

Result<void> RunLog::write(const Json &line)
{
    return m_path.empty() ? Result<void>() : appendLine(m_path, line.dump());
}

Result<void> RunLog::writeMessage(const std::string &message)
{
    Json line = Json::object();
    line.set("event", "message");
    line.set("message", message);
    return write(line);
}

void RunLog::addStep(const StepRecord &step)
{
    if (!m_stepsPath.empty())
        m_steps += (m_steps.empty() ? "" : "\n") + stepJson(step).dump();
}

Result<void> RunLog::flushSteps()
{
    if (m_steps.empty())
        return {};
    auto written = appendLine(m_stepsPath, m_steps);
    m_steps.clear();
    return written;
}

Result<std::vector<StepRecord>> readSteps(const std::string &runFolder)
{
    const auto text = readFile(runFolder + "/steps.jsonl");
    if (!text)
        return text.error();
    std::vector<StepRecord> steps;
    for (const auto &line : splitText(*text, '\n'))
        if (const auto json = Json::parse(line); json && json->isObject())
            steps.push_back(stepFromJson(*json));
    return steps;
}

} // namespace masque
