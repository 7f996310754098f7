// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/common.h"

#include "core/base/text.h"

#include <chrono>
#include <cstdio>
#include <unistd.h>

namespace masque {

namespace {

double now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

constexpr int kBarWidth = 24;

} // namespace

ProgressLine::ProgressLine(std::string title)
    : m_title(std::move(title)), m_terminal(::isatty(STDERR_FILENO) == 1), m_started(now())
{
}

ProgressLine::~ProgressLine()
{
    if (m_open)
        std::fputc('\n', stderr);
}

void ProgressLine::show(double fraction, const std::string &text)
{
    const double time = now();
    if (time - m_shown < (m_terminal ? 0.1 : 2.0) && fraction < 1)
        return;
    m_shown = time;
    if (!m_terminal) {
        std::fprintf(stderr, "%s %3.0f %% %s\n", m_title.c_str(), fraction * 100, text.c_str());
        return;
    }
    const int filled = static_cast<int>(fraction * kBarWidth);
    std::string bar;
    for (int i = 0; i < kBarWidth; ++i)
        bar += i < filled ? "█" : "░";
    std::fprintf(stderr, "\r\033[K%s %s %3.0f %% %s", m_title.c_str(), bar.c_str(), fraction * 100, text.c_str());
    std::fflush(stderr);
    m_open = true;
}

void ProgressLine::message(const std::string &text)
{
    std::fprintf(stderr, "%s%s\n", m_open ? "\r\033[K" : "", text.c_str());
    m_open = false;
}

Progress ProgressLine::counter()
{
    return [this](std::size_t done, std::size_t total) {
        if (total == 0)
            return;
        const double fraction = static_cast<double>(done) / static_cast<double>(total);
        const double elapsed = now() - m_started;
        std::string text = std::to_string(done) + "/" + std::to_string(total);
        if (fraction > 0.01 && elapsed > 1)
            text += ", " + formatDuration(elapsed * (1 - fraction) / fraction) + " left";
        if (elapsed > 1)
            show(fraction, text);
    };
}

void printJson(const Json &json)
{
    std::printf("%s\n", json.dump(2).c_str());
}

void printRows(const Json &list)
{
    for (const auto &row : list.items()) {
        std::string line;
        for (const auto &[key, value] : row.members())
            line += (line.empty() ? "" : "  ") + (value.isString() ? value.toString() : key + " " + value.dump());
        std::printf("%s\n", line.c_str());
    }
}

Result<IndexedDataset> openIndexed(const CommandContext &context, const std::string &path, const std::string &format,
                                   const std::string &classNames)
{
    auto dataset = openDataset(path, context.registry.formats, format);
    if (!dataset)
        return dataset.error();
    ProgressLine progress("reading annotations");
    auto indexed = indexDataset(std::move(*dataset), context.stop, context.isQuiet ? Progress() : progress.counter());
    if (context.stop.stop_requested())
        return Error{ErrorCode::Io, path + ": interrupted while reading its annotations", path};
    if (classNames.empty())
        return indexed;

    auto names = splitText(classNames, ',');
    for (auto &name : names)
        name = trimmed(name);
    auto &labels = indexed.dataset.labels;
    if (labels.hasBackground() && static_cast<int>(names.size()) + 1 == labels.size())
        names.insert(names.begin(), std::string(kBackgroundName));
    const LabelSet renamed(names);
    if (renamed.size() != labels.size())
        return Error{ErrorCode::Option,
                     "--class-names gives " + std::to_string(names.size()) + " names, but " + path + " has "
                         + std::to_string(labels.size()) + " classes: " + joinText(labels.names(), ", "),
                     "class_names"};
    for (auto &summary : indexed.summaries)
        for (auto &label : summary.labels)
            if (const auto id = labels.idOf(label); id && *id != kIgnoreId)
                label = renamed[*id].name;
    labels = renamed;
    return indexed;
}

} // namespace masque
