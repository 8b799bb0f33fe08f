// A Web Worker that reads a saved file, off the page's own thread. In comes a file, or the path of one beside the page,
// and then null each time that the page has taken a report. Out go reports: `web/trace-file/` says what they are. If the
// file cannot be read, null goes out. If the worker cannot go on, the page gets an `error` event.
import init, { SavedFileReader } from './trace_file.js';

const loading = init();
let reader;

async function bytesOf(source) {
  if (typeof source !== 'string') return source.arrayBuffer();
  const response = await fetch(source);
  if (!response.ok) throw new Error(response.statusText);
  return response.arrayBuffer();
}

async function open(source) {
  await loading;
  let bytes;
  try {
    bytes = await bytesOf(source);
  } catch {
    postMessage(null);
    return;
  }
  reader = new SavedFileReader(new Uint8Array(bytes));
  report();
}

function report() {
  const next = reader.next();
  if (next) postMessage(next, [next.buffer]);
}

onmessage = ({ data }) => {
  if (data === null) report();
  else open(data).catch(reportError);
};
