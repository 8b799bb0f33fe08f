//! What a printer gets: one sheet, in light colours, with a picture that has the size of paper.

use fantoccini::wd::PrintConfiguration;
use serde_json::json;

use crate::browser::Page;
use crate::support::TestRelay;

/// The theme, and the width of a picture. `begin` and `end` are what the browser says before and after it prints.
fn on_paper(picture: &str) -> String {
    format!(
        "const now = () => [document.documentElement.dataset.theme, \
             document.querySelector('{picture}').viewBox.baseVal.width];
         dispatchEvent(new Event('beforeprint'));
         const paper = now();
         dispatchEvent(new Event('afterprint'));
         return [paper, now()[0]];"
    )
}

/// The number of sheets of a PDF. Each has a dictionary that says so (ISO 32000-1, section 7.7.3.3). `None` if they are
/// packed.
fn sheets(pdf: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(pdf);
    let pages = text.split("/Type /Page").skip(1).filter(|rest| !rest.starts_with('s')).count();
    (pages > 0).then_some(pages)
}

#[tokio::test]
async fn a_print_has_light_colours_and_a_picture_of_the_paper_s_width_on_one_sheet() {
    let relay = TestRelay::start().await;
    let page = Page::open(relay.http, "lesson=4a", &[]).await;
    page.click("#lab-run").await;
    page.until("it is drawn", "return document.querySelector('#scrubber').max > 3").await;
    page.click("#theme").await;
    page.until("it is dark", "return document.documentElement.dataset.theme === 'dark'").await;
    let paper = json!([["light", 900], "dark"]);
    assert_eq!(page.read(&on_paper("#picture-svg")).await, paper);
    let print = page.client.print(PrintConfiguration::default()).await;
    let pdf = print.expect("the browser prints");
    assert!(sheets(&pdf).is_none_or(|sheets| sheets == 1), "{:?} sheets", sheets(&pdf));

    page.click("#tab-live").await;
    page.click("#view-list").await;
    page.until("the lists are there", "return document.documentElement.dataset.view === 'list'")
        .await;
    assert_eq!(page.read(&on_paper("#ribbons-svg")).await, paper, "a print has the picture");
    let print = page.client.print(PrintConfiguration::default()).await;
    let pdf = print.expect("the browser prints");
    assert!(sheets(&pdf).is_none_or(|sheets| sheets == 1), "{:?} sheets", sheets(&pdf));
    page.close().await;
}
