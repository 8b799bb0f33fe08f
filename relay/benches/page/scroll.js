// Scrolls the list of chunks: half of the frames as a wheel does, the others as somebody who drags the scroll bar.
const [frames, done] = arguments;
const list = document.querySelector('#chunks');
const WHEEL = 210;
const drag = 2 * (list.scrollHeight - list.clientHeight) / frames;
list.scrollTop = 0;
let number = 0;
const step = () => {
  if (number === 0) performance.mark('scene-begin');
  if (number > frames) {
    performance.mark('scene-end');
    done(list.scrollTop);
    return;
  }
  const dragged = number - frames / 2;
  list.scrollTop = dragged > 0 ? dragged * drag : number * WHEEL;
  number += 1;
  requestAnimationFrame(step);
};
requestAnimationFrame(step);
