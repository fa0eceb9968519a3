// What belongs to one JS environment (the main thread, a worker): nothing of the addon is global.
#pragma once
#include "../cores.h"
#include "program_object.h"
#include "runner.h"

namespace densely {

struct Environment {
  const int cores = availableCores();
  Team team{cores};
  Runner runner{team, cores, ProgramObject::finished};
};

}  // namespace densely
