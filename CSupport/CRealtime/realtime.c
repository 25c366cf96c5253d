#include "continuo_realtime.h"
