// The module that reads and writes kept files is fetched when the first one is wanted.
let loading;

function load() {
  loading ??= import('/trace_file.js').then(async (module) => {
    await module.default();
    return module;
  });
  // What could not be fetched once may be there the next time.
  loading.catch(() => { loading = undefined; });
  return loading;
}

export async function toJson(trace) {
  return (await load()).to_json(trace);
}

export async function fromJson(json) {
  return (await load()).from_json(json);
}
