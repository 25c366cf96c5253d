// SPDX-License-Identifier: MIT
// liblo as Swift sees it. Messages are built argument by argument, so no variadic call is needed.
#pragma once
#include <lo/lo.h>
