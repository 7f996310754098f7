// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command_line.h"

/// The program without its window: every command, no studio.
int main(int argc, char **argv)
{
    masque::restartWithPassiveWaiting(argv);
    return masque::runCommandLine(argc, argv, {});
}
