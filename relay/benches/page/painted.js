// The time of the largest contentful paint, in milliseconds, once there has been no larger one for 30 frames.
const [done] = arguments;
const STILL = 30;
let [time, still] = [null, 0];
new PerformanceObserver((list) => {
  time = list.getEntries().at(-1).startTime;
  still = 0;
}).observe({ type: 'largest-contentful-paint', buffered: true });
const look = () => {
  still += 1;
  if (time !== null && still > STILL) done(time);
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
