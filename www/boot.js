// Starts the page. When `page` is freed, every listener is removed.
import init, { start } from './framescope.js';

const failure = document.getElementById('failure');

try {
  await init();
  globalThis.page = await start();
} catch (error) {
  failure.hidden = false;
  failure.textContent = `Framescope cannot start in this browser: ${error}`;
}
