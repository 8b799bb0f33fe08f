// Moves the cursor to the beginning and back to the end, one step for each frame.
const [frames, done] = arguments;
const scrubber = document.querySelector('#scrubber');
const [first, last] = [Number(scrubber.min), Number(scrubber.max)];
let number = 0;
const step = () => {
  if (number === 0) performance.mark('scene-begin');
  if (number > frames) {
    performance.mark('scene-end');
    done(last - first);
    return;
  }
  const share = Math.abs(1 - 2 * number / frames);
  scrubber.value = Math.round(first + share * (last - first));
  scrubber.dispatchEvent(new Event('input', { bubbles: true }));
  number += 1;
  requestAnimationFrame(step);
};
requestAnimationFrame(step);
