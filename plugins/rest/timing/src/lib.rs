//! Reports the time of each response, and the total time of all tries.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use plugbox::Error;
use rest_api::{Console, Next, Plugin, Request, Response};

#[derive(Default)]
struct Timing(Mutex<Total>);

#[derive(Default)]
struct Total {
    tries: u32,
    time: Duration,
}

#[plugbox::async_impl]
impl Plugin for Timing {
    async fn post_receive(
        &self,
        request: &Request,
        response: &mut Response,
        console: &mut dyn Console,
    ) -> Result<Next, Error> {
        console.say(&format!("try {}: {} after {}", request.attempt, response.status, milliseconds(response.elapsed)));
        let mut total = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        total.tries += 1;
        total.time += response.elapsed;
        Ok(Next::Finish)
    }

    fn on_plugin_unload(&self, console: &mut dyn Console) {
        let total = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if total.tries > 1 {
            console.say(&format!("{} tries: {} without waiting", total.tries, milliseconds(total.time)));
        }
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

plugbox::export!(Timing as dyn Plugin);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_try_is_told_and_all_of_them_together() {
        let (plugin, mut said) = (Timing::default(), Vec::new());
        let mut request = Request::new("GET", "http://localhost/");
        for (status, attempt) in [(503, 1), (200, 2)] {
            request.attempt = attempt;
            let elapsed = Duration::from_micros(1250);
            let mut response = Response { elapsed, ..Response::new(status, "http://localhost/") };
            let next = futures::executor::block_on(plugin.post_receive(&request, &mut response, &mut said));
            assert_eq!(next.unwrap(), Next::Finish);
        }
        plugin.on_plugin_unload(&mut said);
        assert_eq!(said, ["try 1: 503 after 1.2 ms", "try 2: 200 after 1.2 ms", "2 tries: 2.5 ms without waiting"]);
    }
}
