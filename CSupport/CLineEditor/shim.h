// SPDX-License-Identifier: MIT
// libedit through its readline interface.
#pragma once
#include <stdio.h>
#include <editline/readline.h>
