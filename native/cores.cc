// How many threads can run at once here: the affinity mask, and the quota of the control group.
#include "cores.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

#if defined(__linux__)
#include <sched.h>
#endif

namespace densely {

#if defined(__linux__)

static std::string readLine(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "r");
  if (!file) return {};
  char text[512] = {};
  const bool read = std::fgets(text, sizeof text, file) != nullptr;
  std::fclose(file);
  return read ? text : "";
}

static int quotaOf(double quota, double period, int cores) { return quota > 0 && period > 0 ? std::clamp((int)(quota / period), 1, cores) : cores; }

// The path of this process's control group: of the `controller` of version 1, or of version 2 where that is "".
static std::string groupPath(const std::string& controller) {
  std::FILE* file = std::fopen("/proc/self/cgroup", "r");
  if (!file) return {};
  std::string path;
  char text[512];
  while (std::fgets(text, sizeof text, file)) {  // number:controllers:path
    const std::string line(text, std::string(text).find_last_not_of('\n') + 1);
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (controllers == controller || ("," + controllers + ",").find("," + controller + ",") != std::string::npos) path = line.substr(second + 1);
  }
  std::fclose(file);
  return path;
}

static int applyQuota(int cores) {
  // Every group above grants its share too. Inside a container the group's own path may not be visible; its root is.
  for (std::string path = groupPath("");; path.resize(path.find_last_of('/') == std::string::npos ? 0 : path.find_last_of('/'))) {
    double quota = 0, period = 0;
    if (std::sscanf(readLine("/sys/fs/cgroup" + path + "/cpu.max").c_str(), "%lf %lf", &quota, &period) == 2) cores = quotaOf(quota, period, cores);
    if (path.empty()) break;
  }
  for (const std::string& folder : {std::string("/sys/fs/cgroup/cpu"), "/sys/fs/cgroup/cpu" + groupPath("cpu")}) {
    double quota = 0, period = 0;
    if (std::sscanf(readLine(folder + "/cpu.cfs_quota_us").c_str(), "%lf", &quota) != 1) continue;
    if (std::sscanf(readLine(folder + "/cpu.cfs_period_us").c_str(), "%lf", &period) == 1) cores = quotaOf(quota, period, cores);
  }
  return cores;
}

int availableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int allowed = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : (int)sysconf(_SC_NPROCESSORS_ONLN);
  return applyQuota(std::max(1, allowed));
}

#else

int availableCores() { return std::max(1, (int)sysconf(_SC_NPROCESSORS_ONLN)); }

#endif

}  // namespace densely
