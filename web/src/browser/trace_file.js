// Fetches the module that writes files when it is first needed.
let loading;

function load() {
  loading ??= import(new URL('trace_file.js', document.baseURI)).then(async (module) => {
    await module.default();
    return module;
  });
  // If the fetch failed, the next call tries again.
  loading.catch(() => { loading = undefined; });
  return loading;
}

export async function toJson(trace) {
  return (await load()).to_json(trace);
}

export async function toCapture(trace) {
  return (await load()).to_capture(trace);
}

export async function translateProgram(variant, text, isServer) {
  return (await load()).translate_program(variant, text, isServer);
}
