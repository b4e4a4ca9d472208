//! Futures, closures and errors of the plugin: the trait, and what implements it.

#![allow(unused_macros, reason = "each user needs one of them, or both")]

/// Writes the trait.
macro_rules! further {
    ($(#[$attribute:meta])*) => {
        /// A boxed future.
        pub type Boxed<T> = std::pin::Pin<Box<dyn std::future::Future<Output = T> + Send>>;

        /// A boxed stream.
        pub type Items = std::pin::Pin<Box<dyn futures_core::Stream<Item = u64> + Send>>;

        /// Work with objects of std, and with a type of another crate.
        $(#[$attribute])*
        pub trait Further: Send + Sync {
            /// A future that is ready at once.
            async fn ready(&self, number: u64) -> u64;
            /// The same, from a plugin that boxes it itself.
            fn boxed(&self, number: u64) -> Boxed<u64>;
            /// A future that is never ready.
            async fn pending(&self);
            /// A future that is ready at its second poll, after it has woken its task by a clone of the waker.
            async fn woken(&self, number: u64) -> u64;
            /// A future that awaits a timer of the host.
            fn slept(&self, sleep: Boxed<()>) -> Boxed<()>;
            /// A stream without an end, whose items are ready at once.
            fn items(&self) -> Items;
            /// Lends a type of another crate.
            fn length(&self, bytes: &bytes::Bytes) -> usize;
            /// A closure.
            fn closure(&self) -> Box<dyn Fn(u64) -> u64 + Send + Sync>;
            /// An error.
            fn fail(&self, number: u64) -> Result<u64, Box<dyn std::error::Error + Send + Sync>>;
        }
    };
}

/// Writes the type `More`, which implements the trait.
macro_rules! more {
    ($(#[$attribute:meta])*) => {
        #[derive(Default)]
        struct More;

        struct Count(u64);

        impl futures_core::Stream for Count {
            type Item = u64;

            fn poll_next(
                mut self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<u64>> {
                self.0 += 1;
                std::task::Poll::Ready(Some(self.0))
            }
        }

        struct Failure(u64);

        impl std::fmt::Debug for Failure {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "Failure({})", self.0)
            }
        }

        impl std::fmt::Display for Failure {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "number {} failed", self.0)
            }
        }

        impl std::error::Error for Failure {}

        $(#[$attribute])*
        impl Further for More {
            async fn ready(&self, number: u64) -> u64 {
                number + 1
            }

            fn boxed(&self, number: u64) -> Boxed<u64> {
                Box::pin(async move { number + 1 })
            }

            async fn pending(&self) {
                std::future::pending().await
            }

            async fn woken(&self, number: u64) -> u64 {
                let mut is_woken = false;
                std::future::poll_fn(move |context| {
                    if std::mem::replace(&mut is_woken, true) {
                        return std::task::Poll::Ready(number + 1);
                    }
                    context.waker().clone().wake();
                    std::task::Poll::Pending
                })
                .await
            }

            fn slept(&self, sleep: Boxed<()>) -> Boxed<()> {
                Box::pin(async move { sleep.await })
            }

            fn items(&self) -> Items {
                Box::pin(Count(0))
            }

            #[inline(never)]
            fn length(&self, bytes: &bytes::Bytes) -> usize {
                bytes.len()
            }

            fn closure(&self) -> Box<dyn Fn(u64) -> u64 + Send + Sync> {
                let one = std::hint::black_box(1);
                Box::new(move |number| number + one)
            }

            fn fail(&self, number: u64) -> Result<u64, Box<dyn std::error::Error + Send + Sync>> {
                Err(Box::new(Failure(number)))
            }
        }
    };
}
