{
  "targets": [{
    "target_name": "densely",
    "sources": ["<!@(node -p \"require('./native/sources.json').sources.join(' ')\")"],
    "include_dirs": ["native", "<!(node -p \"require('node-addon-api').include_dir\")", "<!@(node scripts/openblas.mjs include)"],
    "libraries": ["<!@(node scripts/openblas.mjs libs)"],
    "defines": ["NAPI_VERSION=8", "NAPI_DISABLE_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
    "cflags": ["-fvisibility=hidden"],
    "cflags!": ["-fno-exceptions"],
    "cflags_cc!": ["-fno-exceptions"],
    "cflags_cc": ["-std=c++17", "-O3", "-fno-rtti", "-Wall", "-Wextra"],
    "msvs_settings": { "VCCLCompilerTool": { "ExceptionHandling": 1 } },
    "xcode_settings": { "GCC_ENABLE_CPP_EXCEPTIONS": "YES", "CLANG_CXX_LANGUAGE_STANDARD": "c++17", "GCC_SYMBOLS_PRIVATE_EXTERN": "YES" },
    "conditions": [["OS=='linux'", { "ldflags": ["-pthread", "-Wl,-z,nodelete"] }]]
  }]
}
