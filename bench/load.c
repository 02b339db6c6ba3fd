// load: seats members in one channel of a chat server, lets some of them talk, and checks every delivery.
//
//   gcc -O2 -Wall -Wextra -o load load.c        (load.py does this, and runs it)
//
// A message's text is an @, sender (4 hex digits), the sender's count (8), its time in nanoseconds (16), and padding.
// Every member, including the sender, must get every message exactly once, complete and under its sender's name,
// and each sender's messages in order. Prints one line of JSON; the exit status is 0 only if all of this held.
// One process, one thread, epoll; it finds texts by scanning lines, so the server is what is measured.
// Loopback only.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    STAMP_BYTES = 29,              // the part before the padding
    CARRY_BYTES = 4096,            // longest piece of a line that is kept until its rest comes
    READ_BYTES = 1 << 18,
    SAY_BYTES = 512,               // room for one message and everything around it
    WAVE = 250,                    // members who join together
    LATENCIES_MAX = 1 << 20,
    SECONDS_MAX = 300,             // of the whole program
    STALL_NS = 20 * 1000000000LL,  // without a delivery, something is lost
};

typedef enum { CONNECTING, SILENT, GREETING, WELCOME } state;

typedef struct {
    int fd, carried;
    state state;
    uint32_t events;
    size_t out_bytes, out_sent;
    char *out;  // senders only: bytes that the socket has not taken yet
    char *carry;
} member;

// Arguments
static int port, members_n = 100, senders_n = 1, window = 1, text_bytes = 100, pid, json = 1, ids, idle_only;
static double seconds = 1;
static uint64_t messages_max = 3000000;

// State
static member *members;
static int epoll_fd, connected_n, welcome_n;
static uint32_t *said;         // by sender: messages sent
static uint32_t *heard;        // by member and sender: the count of the last message that came
static uint64_t *delivered;    // by sender: deliveries of its messages
static uint64_t deliveries, receives, received_bytes, now, last_delivery;
static char (*head)[64];       // by sender: the part before its texts
static int *head_bytes;
static char *padding;
static uint32_t *latencies;    // in nanoseconds
static size_t latencies_n;
static char buffer[CARRY_BYTES + READ_BYTES];

static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    printf("{\"error\":\"");
    vprintf(format, arguments);
    printf("\"}\n");
    fflush(stdout);
    exit(1);
}

static void too_long(int signal_number) {
    (void)signal_number;
    static const char text[] = "{\"error\":\"the run took too long\"}\n";
    (void)!write(1, text, sizeof text - 1);
    _exit(1);
}

static void *allocate(size_t count, size_t bytes) {
    void *memory = calloc(count ? count : 1, bytes);
    if (!memory) die("out of memory");
    return memory;
}

static uint64_t nanoseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static double own_cpu_seconds(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static double server_cpu_seconds(void) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (n <= 0) die("process %d is gone", pid);
    close(fd);
    text[n] = 0;
    char *after_name = strrchr(text, ')');
    unsigned long user, system;
    const char *wanted = "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu";
    if (!after_name || sscanf(after_name + 2, wanted, &user, &system) != 2)
        die("%s cannot be read", path);
    return (double)(user + system) / sysconf(_SC_CLK_TCK);
}

static long server_rss_kb(void) {
    char path[64], line[256];
    long kb = -1;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "r");
    if (!file) die("process %d is gone", pid);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "VmRSS: %ld", &kb) == 1) break;
    fclose(file);
    return kb;
}

// ---- sending ----------------------------------------------------------------------------------------------------

static void watch(member *m, uint32_t events, int operation) {
    if (m->events == events) return;
    struct epoll_event event = {events, {.u32 = (uint32_t)(m - members)}};
    if (epoll_ctl(epoll_fd, operation, m->fd, &event)) die("epoll: %s", strerror(errno));
    m->events = events;
}

static void flush(member *m) {
    while (m->out_sent < m->out_bytes) {
        ssize_t n = send(m->fd, m->out + m->out_sent, m->out_bytes - m->out_sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            watch(m, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
            return;
        }
        if (n < 0) die("member %d: %s", (int)(m - members), strerror(errno));
        m->out_sent += n;
    }
    m->out_bytes = m->out_sent = 0;
    watch(m, EPOLLIN, EPOLL_CTL_MOD);
}

static void to_hex(char *digits, uint64_t value, int n) {
    while (n--) {
        digits[n] = "0123456789abcdef"[value & 15];
        value >>= 4;
    }
}

static inline uint64_t from_hex(const char *digits, int n) {
    uint64_t value = 0;
    for (int i = 0; i < n; i++) value = value << 4 | ((digits[i] & 15) + (digits[i] > '9') * 9);
    return value;
}

static void say(int sender, uint64_t time) {
    member *m = &members[sender];
    char *p = m->out + m->out_bytes;
    uint32_t count = ++said[sender];
    if (json) p += sprintf(p, "{\"type\":\"say\",\"text\":\"");
    p[0] = '@';
    to_hex(p + 1, sender, 4);
    to_hex(p + 5, count, 8);
    to_hex(p + 13, time, 16);
    memcpy(p + STAMP_BYTES, padding, text_bytes - STAMP_BYTES);
    p += text_bytes;
    if (json && ids) p += sprintf(p, "\",\"id\":\"%x-%x", sender, count);
    p += json ? sprintf(p, "\"}\n") : sprintf(p, "\n");
    m->out_bytes = p - m->out;
}

// Makes all senders send as much as the window allows. A message is in flight until all have it, taken on average
// over the members. Windows are refilled by halves, so a sender's messages travel together, as in pipelining.
static void talk(uint64_t time) {
    for (int i = 0; i < senders_n; i++) {
        member *m = &members[i];
        if (m->out_bytes) continue;
        long credit = window - (long)(said[i] - delivered[i] / members_n);
        if (credit < (window + 1) / 2) continue;
        while (credit-- > 0) say(i, time);
        flush(m);
    }
}

// ---- receiving --------------------------------------------------------------------------------------------------

static inline void delivery(member *m, const char *line, const char *at, const char *end) {
    int number = (int)(m - members);
    uint32_t sender = from_hex(at + 1, 4), count = from_hex(at + 5, 8);
    if (end - at < text_bytes || sender >= (uint32_t)senders_n ||
        memcmp(at + STAMP_BYTES, padding, text_bytes - STAMP_BYTES))
        die("member %d got a message that nobody sent", number);
    const char *tail = at + text_bytes;
    if (json) {
        if (at - line < head_bytes[sender] || memcmp(at - head_bytes[sender], head[sender], head_bytes[sender]) ||
            memcmp(line, "{\"type\":\"entry\"", 15) || (ids ? memcmp(tail, "\",\"id\":\"", 8) : end - tail != 3) ||
            memcmp(end - 3, "\"}}", 3))
            die("member %d got a message that is not worded right", number);
    } else if (memcmp(line, head[sender], head_bytes[sender]) || tail != end)
        die("member %d got a message that is not worded right", number);
    uint32_t *last = &heard[(size_t)number * senders_n + sender];
    if (count != *last + 1) die("member %d got message %u of sender %u after %u", number, count, sender, *last);
    *last = count;
    delivered[sender]++;
    deliveries++;
    last_delivery = now;
    if (latencies && latencies_n < LATENCIES_MAX) {
        uint64_t latency = now - from_hex(at + 13, 16);
        latencies[latencies_n++] = latency > UINT32_MAX ? UINT32_MAX : latency;
    }
}

static int has(const char *line, const char *end, const char *words) {
    return memmem(line, end - line, words, strlen(words)) != NULL;
}

static void die_of(member *m, const char *problem, char *line, char *end) {
    for (char *p = line; p < end; p++)
        if (*p == '"' || *p == '\\') *p = '\'';  // it goes into a JSON string
    die("member %d %s: %.*s", (int)(m - members), problem, (int)(end - line), line);
}

// The first line has to be the welcome. A later one without an @ is not a message: a join, or a goodbye.
static void read_line(member *m, char *line, char *end) {
    const char *at = memchr(line, '@', end - line);
    if (at && m->state == WELCOME) {
        delivery(m, line, at, end);
    } else if (m->state == GREETING) {
        if (!has(line, end, json ? "\"welcome\"" : "Welcome to the")) die_of(m, "is not welcome", line, end);
        m->state = WELCOME;
        welcome_n++;
    } else if (has(line, end, json ? "\"type\":\"goodbye\"" : "disconnected")) {
        die_of(m, "was told to go", line, end);
    }
}

static void receive(member *m) {
    int carried = m->carried;
    if (carried) memcpy(buffer, m->carry, carried);
    ssize_t n = recv(m->fd, buffer + carried, READ_BYTES, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) die("member %d: %s", (int)(m - members), n ? strerror(errno) : "the server closed its connection");
    now = nanoseconds();
    receives++;
    received_bytes += n;
    char *line = buffer, *end = buffer + carried + n, *newline;
    while ((newline = memchr(line, '\n', end - line))) {
        read_line(m, line, newline);
        line = newline + 1;
    }
    m->carried = end - line;
    if (m->carried > CARRY_BYTES) die("member %d got a line that is too long", (int)(m - members));
    if (m->carried) {
        if (!m->carry) m->carry = allocate(CARRY_BYTES, 1);
        memcpy(m->carry, line, m->carried);
    }
}

static void connected(member *m) {
    int error = 0;
    socklen_t bytes = sizeof error;
    getsockopt(m->fd, SOL_SOCKET, SO_ERROR, &error, &bytes);
    if (error) die("member %d: %s", (int)(m - members), strerror(error));
    m->state = SILENT;
    connected_n++;
    watch(m, EPOLLIN, EPOLL_CTL_MOD);
}

static int poll_once(int milliseconds) {
    static struct epoll_event events[1024];
    int n = epoll_wait(epoll_fd, events, 1024, milliseconds);
    for (int i = 0; i < n; i++) {
        member *m = &members[events[i].data.u32];
        if (m->state == CONNECTING) {
            connected(m);
            continue;
        }
        if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(m);
        if (events[i].events & EPOLLOUT) flush(m);
    }
    return n;
}

// ---- the run ----------------------------------------------------------------------------------------------------

static void begin_connecting(member *m) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    m->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (m->fd < 0) die("socket: %s", strerror(errno));
    setsockopt(m->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(m->fd, (void *)&address, sizeof address) && errno != EINPROGRESS) die("connect: %s", strerror(errno));
    watch(m, EPOLLOUT, EPOLL_CTL_ADD);
}

static void greet(member *m) {
    char hello[64];
    int number = (int)(m - members);
    int n = snprintf(hello, sizeof hello, json ? "{\"type\":\"hello\",\"name\":\"m%d\"}\n" : "m%d\n", number);
    if (send(m->fd, hello, n, MSG_NOSIGNAL) != n) die("member %d cannot greet", number);
    m->state = GREETING;
}

// Checks that nothing comes for a while: lines that must not come, such as a duplicate, would show here.
static void settle(double quiet_seconds) {
    uint64_t since = nanoseconds();
    while (nanoseconds() - since < quiet_seconds * 1e9)
        if (poll_once(20) > 0) since = nanoseconds();
}

static void wait_until(const int *counted, int wanted, const char *what) {
    while (*counted < wanted)
        if (!poll_once(15000)) die("only %d of %d members were %s", *counted, members_n, what);
}

static int wave_end(int first) {
    return first + WAVE < members_n ? first + WAVE : members_n;
}

// Members connect first, and join in waves: each join is announced to everybody, so one by one would take long.
static void join_all(void) {
    for (int first = 0, end; first < members_n; first = end) {
        end = wave_end(first);
        for (int i = first; i < end; i++) begin_connecting(&members[i]);
        wait_until(&connected_n, end, "connected");
    }
    settle(members_n / 10000.0);  // meanwhile the server accepts them
    for (int first = 0, end; first < members_n; first = end) {
        end = wave_end(first);
        for (int i = first; i < end; i++) greet(&members[i]);
        wait_until(&welcome_n, end, "welcome");
    }
}

// Waits until every member has all messages. Earlier lines, such as joins, came before them.
static void drain(void) {
    uint64_t all = 0, progress = nanoseconds(), seen = deliveries;
    for (int i = 0; i < senders_n; i++) all += (uint64_t)said[i] * members_n;
    while (deliveries < all) {
        poll_once(200);
        uint64_t time = nanoseconds();
        if (deliveries != seen) {
            seen = deliveries;
            progress = time;
        } else if (time - progress > STALL_NS) {
            die("%llu deliveries are missing", (unsigned long long)(all - deliveries));
        }
    }
}

static int by_size(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double percentile_us(double fraction) {
    return latencies_n ? latencies[(size_t)((latencies_n - 1) * fraction)] / 1e3 : 0;
}

static void prepare(void) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < (rlim_t)members_n + 64) die("only %ld files may be open at once", (long)files.rlim_cur);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGALRM, too_long);
    alarm(SECONDS_MAX);
    members = allocate(members_n, sizeof *members);
    said = allocate(senders_n, sizeof *said);
    delivered = allocate(senders_n, sizeof *delivered);
    heard = allocate((size_t)members_n * senders_n, sizeof *heard);
    head = allocate(senders_n, sizeof *head);
    head_bytes = allocate(senders_n, sizeof *head_bytes);
    padding = allocate(text_bytes, 1);
    memset(padding, 'x', text_bytes);
    for (int i = 0; i < senders_n; i++) {
        members[i].out = allocate(window, SAY_BYTES);
        head_bytes[i] = snprintf(head[i], sizeof *head, json ? "\"name\":\"m%d\",\"text\":\"" : "[m%d (", i);
    }
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
}

static void measure(void) {
    uint64_t warm = 0, sent = 0, time;
    talk(nanoseconds());  // an unmeasured round
    drain();
    for (int i = 0; i < senders_n; i++) warm += said[i];
    receives = received_bytes = 0;
    if (senders_n == 1 && window == 1) latencies = allocate(LATENCIES_MAX, sizeof *latencies);
    double cpu = server_cpu_seconds(), own_cpu = own_cpu_seconds();
    uint64_t start = nanoseconds(), stop = start + (uint64_t)(seconds * 1e9);
    uint64_t deliveries_max = (warm + messages_max) * members_n;
    while ((time = nanoseconds()) < stop && deliveries < deliveries_max) {
        talk(time);
        poll_once(100);
    }
    drain();
    cpu = server_cpu_seconds() - cpu;
    own_cpu = own_cpu_seconds() - own_cpu;
    double wall = (last_delivery - start) / 1e9;
    settle(0.1);
    for (int i = 0; i < senders_n; i++) sent += said[i];
    if (deliveries != sent * members_n) die("a message came twice");
    uint64_t measured = deliveries - warm * members_n;
    if (latencies) qsort(latencies, latencies_n, sizeof *latencies, by_size);
    printf("{\"messages\":%llu,\"deliveries\":%llu,\"wall_seconds\":%.4f,\"server_cpu_seconds\":%.2f,"
           "\"load_cpu_seconds\":%.3f,\"deliveries_a_read\":%.2f,\"bytes_a_delivery\":%.1f,"
           "\"latency_us_p50\":%.1f,\"latency_us_p99\":%.1f}\n",
           (unsigned long long)(sent - warm), (unsigned long long)measured, wall, cpu, own_cpu,
           (double)measured / receives, (double)received_bytes / measured, percentile_us(.5), percentile_us(.99));
}

int main(int argc, char **argv) {
    static const struct option options[] = {
        {"port", 1, 0, 'p'}, {"pid", 1, 0, 'P'}, {"members", 1, 0, 'm'}, {"senders", 1, 0, 's'}, {"window", 1, 0, 'w'},
        {"seconds", 1, 0, 't'}, {"text-bytes", 1, 0, 'b'}, {"plain", 0, 0, 'l'}, {"ids", 0, 0, 'i'},
        {"idle", 0, 0, 'I'}, {0, 0, 0, 0}};
    for (int option; (option = getopt_long(argc, argv, "", options, 0)) != -1;) switch (option) {
            case 'p': port = atoi(optarg); break;
            case 'P': pid = atoi(optarg); break;
            case 'm': members_n = atoi(optarg); break;
            case 's': senders_n = atoi(optarg); break;
            case 'w': window = atoi(optarg); break;
            case 't': seconds = atof(optarg); break;
            case 'b': text_bytes = atoi(optarg); break;
            case 'l': json = 0; break;
            case 'i': ids = 1; break;
            case 'I': idle_only = 1; break;
            default: die("see load.py for the options");
        }
    if (port < 1 || pid < 1 || members_n < 1 || senders_n < 1 || senders_n > members_n || senders_n > 0xffff ||
        window < 1 || seconds <= 0 || seconds > 60 || text_bytes < STAMP_BYTES || text_bytes > 400)
        die("an option is missing or out of bounds");
    prepare();
    long rss_before = server_rss_kb();
    join_all();
    if (idle_only) {
        settle(1);
        printf("{\"rss_before_kb\":%ld,\"rss_after_kb\":%ld}\n", rss_before, server_rss_kb());
    } else {
        measure();
    }
    return 0;
}
