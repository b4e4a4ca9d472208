/* The first version of an interface: a table of functions. */
typedef struct {
    const char *(*name)(void);
    const char *(*version)(void);
} Plugin;
