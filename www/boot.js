// Starts the page. When `page` is freed, every listener is removed.
import init, { start } from './framescope.js';

// The picture in the document is of the lesson that the page opens with.
const { hash } = location;
document.documentElement.toggleAttribute('data-elsewhere', /(^#|&)lesson=(?!4a(&|$))/.test(hash));

const failure = document.getElementById('failure');

try {
  await init();
  globalThis.page = await start();
} catch (error) {
  failure.hidden = false;
  failure.textContent = `Framescope cannot start in this browser: ${error}`;
}
