// SPDX-License-Identifier: MIT
#pragma once
#include <jack/jack.h>
#include <jack/midiport.h>
#include <jack/transport.h>
#include <jack/metadata.h>
#include <jack/uuid.h>
