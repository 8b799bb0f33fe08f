//! The tasks of the page's main thread, as Chromium traced them.

use serde_json::Value;

/// A scene: what the main thread did between two marks.
pub(crate) struct Scene {
    /// The work in each frame, in milliseconds of the thread's processor time: all tasks since the frame before. What
    /// another process takes of a core is not the page's work.
    frames: Vec<f64>,
    /// In milliseconds.
    pub(crate) longest_task: f64,
}

/// An event of the main thread. Times are in microseconds.
struct Event<'a> {
    name: &'a str,
    at: f64,
    duration: f64,
    /// The part of the duration in which the thread ran.
    work: f64,
}

impl Scene {
    /// The scenes between each `scene-begin` and `scene-end`, in order.
    pub(crate) fn all(trace: &[Value]) -> Vec<Self> {
        let marks = |name: &str| {
            let mut marks: Vec<&Value> =
                trace.iter().filter(|event| event["name"] == name).collect();
            marks.sort_by(|a, b| at(a).total_cmp(&at(b)));
            marks
        };
        let scenes = marks("scene-begin").into_iter().zip(marks("scene-end"));
        scenes.map(|(begin, end)| Self::between(trace, begin, end)).collect()
    }

    fn between(trace: &[Value], begin: &Value, end: &Value) -> Self {
        let mut events: Vec<Event<'_>> = trace
            .iter()
            .filter(|event| event["pid"] == begin["pid"] && event["tid"] == begin["tid"])
            .filter_map(|event| {
                let name = event["name"].as_str()?;
                let duration = event["dur"].as_f64().unwrap_or(0.0);
                let work = event["tdur"].as_f64().unwrap_or(duration);
                Some(Event { name, at: at(event), duration, work })
            })
            .filter(|event| event.at >= at(begin) && event.at < at(end))
            .collect();
        events.sort_by(|a, b| a.at.total_cmp(&b.at));
        Self::of(&events)
    }

    fn of(events: &[Event<'_>]) -> Self {
        let mut scene = Self { frames: Vec::new(), longest_task: 0.0 };
        let mut work = 0.0;
        for task in events.iter().filter(|event| event.name == "RunTask") {
            let end = task.at + task.duration;
            work += task.work / 1000.0;
            scene.longest_task = scene.longest_task.max(task.duration / 1000.0);
            let is_frame = events.iter().any(|event| {
                event.name == "FireAnimationFrame" && event.at >= task.at && event.at < end
            });
            if is_frame {
                scene.frames.push(std::mem::take(&mut work));
            }
        }
        scene
    }

    /// What the work in 95 of 100 frames is below, in milliseconds.
    pub(crate) fn p95(&self) -> f64 {
        let mut frames = self.frames.clone();
        frames.sort_by(f64::total_cmp);
        frames.get(frames.len() * 95 / 100).copied().unwrap_or(f64::NAN)
    }
}

fn at(event: &Value) -> f64 {
    event["ts"].as_f64().unwrap_or(0.0)
}
