{
  "targets": [{
    "target_name": "densely",
    "sources": ["<!@(node -p \"require('./native/sources.json').sources.join(' ')\")"],
    "include_dirs": ["native", "<!@(node scripts/openblas.mjs include)"],
    "libraries": ["<!@(node scripts/openblas.mjs libs)"],
    "dependencies": ["<!(node -p \"require('node-addon-api').targets\"):node_addon_api"],
    "defines": ["NAPI_VERSION=8", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
    "cflags": ["-fvisibility=hidden"],
    "cflags_cc": ["-std=c++17", "-O3", "-fno-exceptions", "-fno-rtti", "-Wall", "-Wextra"],
    "xcode_settings": { "CLANG_CXX_LANGUAGE_STANDARD": "c++17", "GCC_SYMBOLS_PRIVATE_EXTERN": "YES" },
    "conditions": [["OS=='linux'", { "ldflags": ["-pthread", "-Wl,-z,nodelete"] }]]
  }]
}
