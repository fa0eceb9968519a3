// How many threads can run at once here.
#pragma once

namespace densely {

// The processors this process may use, or what the control group grants, where that is less. At least 1.
int availableCores();

}  // namespace densely
