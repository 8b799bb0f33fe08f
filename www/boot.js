// Loads the program and keeps it: when `page` is dropped, every listener goes with it.
import init, { start } from './framescope.js';

const failure = document.getElementById('failure');

try {
  await init();
  globalThis.page = start();
} catch (error) {
  failure.hidden = false;
  failure.textContent = `Framescope cannot start in this browser: ${error}`;
}
