//! What the macro writes for an `async fn` lends its wrappers by these. A borrow of one loan put into another would dangle
//! when the loans are dropped.

use plugbox::__private::lend;

struct Reads<'a>(Option<&'a String>);

impl Drop for Reads<'_> {
    fn drop(&mut self) {
        println!("{:?}", self.0);
    }
}

fn main() {
    let _future = lend((String::from("text"), Reads(None)), |loan, _| {
        let (text, reads) = loan.open();
        reads.0 = Some(&*text);
        Box::pin(async {})
    });
}
