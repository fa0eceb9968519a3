# Finds OpenBLAS and its cblas.h; defines OpenBLAS::OpenBLAS.
#   OpenBLAS_ROOT           prefix to look in first (CMake's own convention)
#   OpenBLAS_USE_STATIC     take libopenblas.a (for the prebuilt binaries)
#   OpenBLAS_PTHREAD_DIR    (result) the folder of Debian's pthread variant, if that is what was found
#
# The pthread build is preferred and the serial one refused: called from two threads, the serial one gives wrong results.
set(_arch ${CMAKE_LIBRARY_ARCHITECTURE})
set(_homebrew /opt/homebrew/opt/openblas /usr/local/opt/openblas)
if(OpenBLAS_USE_STATIC)
  set(_names libopenblasp.a libopenblas.a openblas.lib)
  set(_variants openblas-pthread openblas) # the OpenMP archive would link with undefined omp_* symbols
else()
  set(_names openblasp openblas) # Fedora's pthread build is libopenblasp, its serial one libopenblas
  set(_variants openblas-pthread openblas openblas-openmp)
endif()

set(_include_suffixes)
set(_library_suffixes)
foreach(_variant IN LISTS _variants)
  list(APPEND _include_suffixes include/${_arch}/${_variant} include/${_variant} ${_variant})
  list(APPEND _library_suffixes lib/${_arch}/${_variant} ${_variant})
endforeach()

# Debian keeps each variant in a folder of its own; look there before the link that update-alternatives moves around.
find_library(OpenBLAS_LIBRARY NAMES ${_names} PATHS /usr/lib/${_arch}/openblas-pthread HINTS ${OpenBLAS_ROOT}/lib NO_DEFAULT_PATH)
if(OpenBLAS_USE_STATIC) # never the alternatives link
  find_library(OpenBLAS_LIBRARY NAMES ${_names} PATH_SUFFIXES ${_library_suffixes} lib NO_CMAKE_SYSTEM_PATH
    PATHS /usr/lib64 HINTS ${_homebrew})
else()
  find_library(OpenBLAS_LIBRARY NAMES ${_names} PATH_SUFFIXES lib/${_arch} lib ${_library_suffixes} HINTS ${_homebrew})
endif()
find_path(OpenBLAS_INCLUDE_DIR cblas.h PATH_SUFFIXES ${_include_suffixes} HINTS ${_homebrew})

set(_reason "")
if(OpenBLAS_LIBRARY)
  get_filename_component(_real "${OpenBLAS_LIBRARY}" REALPATH)
  if(_real MATCHES "openblas-serial" OR (_real MATCHES "/libopenblas-r[^/]*$" AND EXISTS "/etc/redhat-release"))
    set(_reason "\n  Only the serial OpenBLAS was found (${_real}): two threads calling it get wrong results.")
    set(OpenBLAS_LIBRARY OpenBLAS_LIBRARY-NOTFOUND CACHE FILEPATH "OpenBLAS" FORCE)
  elseif(_real MATCHES "^(.*/openblas-pthread)/")
    set(OpenBLAS_PTHREAD_DIR "${CMAKE_MATCH_1}")
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenBLAS
  REQUIRED_VARS OpenBLAS_LIBRARY OpenBLAS_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "${_reason}
  OpenBLAS (pthread) with its header cblas.h is needed to build the addon:
    Debian, Ubuntu:  sudo apt-get install libopenblas-pthread-dev
    Fedora, RHEL:    sudo dnf install openblas-devel
    Alpine:          sudo apk add openblas-dev
    macOS:           brew install openblas
  or name a prefix: npx cmake-js compile --CDOpenBLAS_ROOT=/path\n")
if(OpenBLAS_FOUND AND NOT TARGET OpenBLAS::OpenBLAS)
  add_library(OpenBLAS::OpenBLAS UNKNOWN IMPORTED)
  set_target_properties(OpenBLAS::OpenBLAS PROPERTIES
    IMPORTED_LOCATION "${OpenBLAS_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${OpenBLAS_INCLUDE_DIR}")
  if(OpenBLAS_USE_STATIC)
    find_package(Threads REQUIRED)
    set_property(TARGET OpenBLAS::OpenBLAS PROPERTY INTERFACE_LINK_LIBRARIES Threads::Threads ${CMAKE_DL_LIBS} m)
  endif()
endif()
mark_as_advanced(OpenBLAS_LIBRARY OpenBLAS_INCLUDE_DIR)
