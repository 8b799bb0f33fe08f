//! Following the teacher's page.

use framescope_class::{FromTeacher, Show};

use super::client::{Student, Teacher, relay};

fn show(show: Show) -> FromTeacher {
    FromTeacher::Show(show)
}

#[tokio::test]
async fn who_comes_late_gets_the_present_state_and_all_get_the_rest() {
    let relay = relay().await;
    let mut console = Teacher::console(relay.http).await;
    let mut early = Student::join(relay.http, None).await;
    console.say(&show(Show::Run(b"0".to_vec()))).await;
    for number in 1..40 {
        console.say(&show(Show::Place(format!("lesson=4a&event={number}")))).await;
        console.say(&show(Show::Part(number.to_string().into_bytes()))).await;
    }
    early.until(|student| student.parts.len() == 40).await;
    let mut late = Student::join(relay.http, None).await;
    late.until(|student| student.parts.len() == 40 && student.place.is_some()).await;
    assert_eq!(late.parts, early.parts);
    assert_eq!(late.place.as_deref(), Some("lesson=4a&event=39"));
    // Another run begins.
    console.say(&show(Show::Run(b"other".to_vec()))).await;
    for student in [&mut early, &mut late] {
        student.until(|student| student.parts == [b"other".to_vec()]).await;
    }
}

#[tokio::test]
async fn a_page_that_reads_nothing_slows_nobody_down() {
    let relay = relay().await;
    let mut console = Teacher::console(relay.http).await;
    let _slow = Student::join(relay.http, None).await;
    let mut quick = Student::join(relay.http, None).await;
    console.say(&show(Show::Run(Vec::new()))).await;
    // More than the kernel keeps for a page that reads nothing.
    for _ in 0..60 {
        console.say(&show(Show::Part(vec![b'x'; 64 * 1024]))).await;
    }
    quick.until(|student| student.parts.len() == 61).await;
}
