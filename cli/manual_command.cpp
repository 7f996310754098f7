// SPDX-License-Identifier: GPL-3.0-or-later
// What a package brings beside the program, made from the same tables as --help: a manual page and bash's completion.
#include "cli/common.h"

#include "core/base/text.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace masque {

namespace {

/// Plain text in roff: nothing at a line's beginning is a request, no dash becomes a hyphen.
std::string roff(const std::string &text)
{
    std::string out;
    for (const char c : text) {
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else if (c == '\n')
            out += "\n.br\n";
        else
            out += c;
    }
    return (out.starts_with('.') || out.starts_with('\'')) ? "\\&" + out : out;
}

std::vector<const CLI::Option *> optionsOf(const CLI::App &app, bool isPositional)
{
    return app.get_options([=](const CLI::Option *option) {
        return option->get_positional() == isPositional && !option->get_group().empty();
    });
}

std::vector<const CLI::App *> commandsOf(const CLI::App &app)
{
    return app.get_subcommands([](const CLI::App *command) { return !command->get_group().empty(); });
}

std::string optionText(const CLI::Option &option)
{
    std::string head = ".TP\n.B " + roff(option.get_name(option.get_positional()));
    if (!option.get_positional() && option.get_expected_min() > 0)
        head += "\n.I " + roff(option.get_type_name().empty() ? "VALUE" : option.get_type_name());
    std::string text = option.get_description();
    if (!option.get_default_str().empty())
        text += " [" + option.get_default_str() + "]";
    // .TP takes one line as the tag: name and value on it
    if (const auto value = head.find("\n.I "); value != std::string::npos)
        head = ".TP\n.BI \"" + roff(option.get_name(false)) + " \" \"" + head.substr(value + 4) + "\"";
    return head + "\n" + roff(text) + "\n";
}

void addCommand(const CLI::App &command, const std::string &name, std::string &out)
{
    out += ".SS " + roff(name) + "\n" + roff(command.get_description()) + "\n";
    for (const bool isPositional : {true, false})
        for (const auto *option : optionsOf(command, isPositional))
            if (option != command.get_help_ptr())
                out += optionText(*option);
    if (!command.get_footer().empty())
        out += ".PP\n" + roff(command.get_footer()) + "\n";
    for (const auto *inner : commandsOf(command))
        addCommand(*inner, name + " " + inner->get_name(), out);
}

std::string manualPage(const CLI::App &app)
{
    std::string out =
        ".TH MASQUE 1 \"\" \"Masque " MASQUE_VERSION "\" \"User Commands\"\n.SH NAME\nmasque \\- "
        "make training data and the models that learn from it\n.SH SYNOPSIS\n.B masque\n[\\fIPATH\\fR]\n.br\n"
        ".B masque\n\\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n.SH DESCRIPTION\n";
    out += roff(app.get_description()) + "\n.PP\n" + roff(app.get_footer()) + "\n.SH OPTIONS\n";
    for (const auto *option : optionsOf(app, false))
        out += optionText(*option);
    out += ".SH COMMANDS\n";
    for (const auto *command : commandsOf(app))
        addCommand(*command, command->get_name(), out);
    return out;
}

/// "--a --b" of a command.
std::string flagsOf(const CLI::App &command)
{
    std::vector<std::string> flags;
    for (const auto *option : optionsOf(command, false))
        for (const auto &name : option->get_lnames())
            flags.push_back("--" + name);
    return joinText(flags, " ");
}

void addCases(const CLI::App &app, const std::string &name, std::string &out)
{
    std::vector<std::string> words;
    for (const auto *command : commandsOf(app))
        words.push_back(command->get_name());
    out += "        \"" + name + "\") words=\"" + joinText(words, " ") + (words.empty() ? "" : " ") + flagsOf(app)
           + "\" ;;\n";
    for (const auto *command : commandsOf(app))
        addCases(*command, (name.empty() ? "" : name + " ") + command->get_name(), out);
}

std::string bashCompletion(const CLI::App &app)
{
    std::string cases, commands;
    addCases(app, "", cases);
    for (const auto *command : commandsOf(app)) {
        commands += "|\"" + command->get_name() + "\"";
        for (const auto *inner : commandsOf(*command))
            commands += "|\"" + command->get_name() + " " + inner->get_name() + "\"";
    }
    return "# bash completion for masque\n"
           "_masque()\n"
           "{\n"
           "    local current=\"${COMP_WORDS[COMP_CWORD]}\" command=\"\" word words next\n"
           "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
           "        next=\"${command:+$command }$word\"\n"
           "        case \"$next\" in\n"
           "        "
           + commands.substr(1)
           + ") command=\"$next\" ;;\n"
             "        esac\n"
             "    done\n"
             "    case \"$command\" in\n"
           + cases
           + "    esac\n"
             "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
             "    [[ $current == -* ]] || mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -- "
             "\"$current\")\n"
             "}\n"
             "complete -o filenames -F _masque masque\n";
}

} // namespace

void addManualCommand(CLI::App &app, CommandList &commands)
{
    const auto what = std::make_shared<std::string>();
    auto *command = app.add_subcommand("manual", "Print the manual page (man) or bash's completion (bash)");
    command->add_option("what", *what, "man or bash")->required()->check(CLI::IsMember({"man", "bash"}));
    commands.push_back({command, [what, &app](const CommandContext &) -> Result<void> {
                            std::fputs((*what == "man" ? manualPage(app) : bashCompletion(app)).c_str(), stdout);
                            return {};
                        }});
}

} // namespace masque
