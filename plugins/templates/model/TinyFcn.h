// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/ModelFactory.h"

std::shared_ptr<const masque::ModelFactory> tinyFcnFactory();
