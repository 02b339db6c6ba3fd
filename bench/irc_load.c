// The load of bench/irc: one process, epoll. It connects N clients to an IRC server, joins them to K channels, lets S of
// them talk, and checks that every other member of a channel reads every message exactly once, whole, and in the order
// of its sender. It prints one line of JSON, which irc.py reads.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
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
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { HDR = 29, CARRY = 2048, RB = 1 << 18 };          // payload: '@' + 4 + 8 + 16 hex digits, then padding
enum { S_OFF, S_CONN, S_REG, S_READY, S_JOINING, S_JOINED, S_DEAD };
typedef struct {
  int fd, st, chan, ncarry, sidx;                       // sidx: sender index or -1
  uint32_t ev;
  uint64_t got;                                         // deliveries seen by this receiver
  char carry[CARRY];
  char *out; size_t olen, ooff, ocap;                   // unsent bytes
} conn;

static const char *host = "127.0.0.1", *mode = "tput", *pids = "";
static int port = 6667, N = 100, K = 1, S = 1, B = 100, W = 64, inflight = 512, nickbase = 0, verbose = 0;
static double secs = 3, rate = 200, hold = 0, warm = 0.3;
static long M = 0;                                      // if >0: M messages per sender instead of secs
static conn *C; static int ep, tfd, *chan_n;
static uint32_t *lastseq, *sent; static uint64_t *deliv;
static uint64_t total, expect, gaps, dups, recvs, rbytes, badpad, joins;
static int ready, joined, dead, pend, measuring;
static uint64_t now, t_last;
static char *pad; static uint64_t *lat; static size_t nlat, caplat;
static char firsterr[256]; static signed char hexv[256];

static uint64_t ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000ull + t.tv_nsec; }
static void die(const char *f, ...) { va_list a; va_start(a, f); printf("{\"error\":\""); vprintf(f, a); printf("\"}\n"); fflush(stdout); exit(2); }

// ---- server accounting: all threads of each pid, plus reaped children -------------------
static double cpu_of(double *u, double *s) {
  double tot = 0; *u = *s = 0; char b[4096], *p = strdup(pids), *sv = 0;
  for (char *t = strtok_r(p, ",", &sv); t; t = strtok_r(0, ",", &sv)) {
    char path[64]; snprintf(path, sizeof path, "/proc/%s/stat", t);
    int f = open(path, O_RDONLY); if (f < 0) continue;
    ssize_t n = read(f, b, sizeof b - 1); close(f); if (n <= 0) continue; b[n] = 0;
    char *q = strrchr(b, ')'); unsigned long ut, st; long cu, cs;
    if (q && sscanf(q + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld", &ut, &st, &cu, &cs) == 4) { *u += ut + cu; *s += st + cs; }
  }
  free(p); double hz = sysconf(_SC_CLK_TCK); *u /= hz; *s /= hz; tot = *u + *s; return tot;
}
static long rss_kb(void) {
  long tot = 0; char *p = strdup(pids), *sv = 0;
  for (char *t = strtok_r(p, ",", &sv); t; t = strtok_r(0, ",", &sv)) {
    char path[64], l[256]; snprintf(path, sizeof path, "/proc/%s/status", t); FILE *f = fopen(path, "r"); if (!f) continue;
    while (fgets(l, sizeof l, f)) { long k; if (sscanf(l, "VmRSS: %ld", &k) == 1) tot += k; }
    fclose(f);
  }
  free(p); return tot;
}
static double self_cpu(void) { struct rusage r; getrusage(RUSAGE_SELF, &r); return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6; }

// ---- connection output ------------------------------------------------------------------
static void want(conn *c, uint32_t ev) { if (c->ev != ev) { struct epoll_event e = {ev, {.u32 = c - C}}; epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e); c->ev = ev; } }
static void kill_conn(conn *c, const char *why) {
  if (c->st == S_DEAD) return;
  if (!firsterr[0]) snprintf(firsterr, sizeof firsterr, "client %d: %.200s", (int)(c - C), why);
  if (c->st < S_JOINED && c->st > S_OFF) pend--;
  c->st = S_DEAD; dead++; close(c->fd);
}
static void flush(conn *c) {
  while (c->olen > c->ooff) {
    ssize_t k = send(c->fd, c->out + c->ooff, c->olen - c->ooff, MSG_NOSIGNAL);
    if (k < 0) { if (errno == EAGAIN) { want(c, EPOLLIN | EPOLLOUT); return; } kill_conn(c, strerror(errno)); return; }
    c->ooff += k;
  }
  c->olen = c->ooff = 0; want(c, EPOLLIN);
}
static char *room(conn *c, size_t n) {
  if (c->olen + n > c->ocap) { c->ocap = (c->olen + n) * 2; c->out = realloc(c->out, c->ocap); }
  return c->out + c->olen;
}
static void outf(conn *c, const char *f, ...) { char *p = room(c, 700); va_list a; va_start(a, f); c->olen += vsnprintf(p, 700, f, a); va_end(a); }
static void hex(char *p, uint64_t v, int n) { while (n--) { p[n] = "0123456789abcdef"[v & 15]; v >>= 4; } }
static inline uint64_t unhex(const char *p, int n) { uint64_t v = 0; for (int i = 0; i < n; i++) v = v << 4 | (hexv[(uint8_t)p[i]] & 15); return v; }
static void say(conn *c, uint64_t ts) {
  char *p = room(c, B + 64); int k = sprintf(p, "PRIVMSG #c%d :", c->chan);
  p[k] = '@'; hex(p + k + 1, c->sidx, 4); hex(p + k + 5, ++sent[c->sidx], 8); hex(p + k + 13, ts, 16);
  memcpy(p + k + HDR, pad, B - HDR); memcpy(p + k + B, "\r\n", 2);
  c->olen += k + B + 2; expect += chan_n[c->chan] - 1;
}

// ---- input ------------------------------------------------------------------------------
static void slow_line(conn *c, char *l, int n) {
  if (n >= 4 && !memcmp(l, "PING", 4)) { outf(c, "PONG%.*s\r\n", n - 4, l + 4); flush(c); return; }
  if (n >= 5 && !memcmp(l, "ERROR", 5)) { l[n] = 0; kill_conn(c, l); return; }
  char *sp = memchr(l, ' ', n); if (!sp || l + n - sp < 5) return;
  char *cmd = sp + 1;
  if (cmd[0] == 'J') { joins++; return; }
  if (cmd[3] != ' ') return;
  if (c->st == S_REG && (!memcmp(cmd, "376", 3) || !memcmp(cmd, "422", 3))) { c->st = S_READY; ready++; pend--; return; }
  if (c->st == S_JOINING && !memcmp(cmd, "366", 3)) { c->st = S_JOINED; joined++; pend--; return; }
  if (cmd[0] == '4' && memcmp(cmd, "422", 3) && !firsterr[0]) { snprintf(firsterr, sizeof firsterr, "client %d: %.*s", (int)(c - C), n > 180 ? 180 : n, l); }
}
static inline void line(conn *c, char *l, int n) {       // n excludes CRLF
  char *p = l + n - B;
  if (measuring && n > B + 20 && p[0] == '@' && p[-1] == ':') {    // before: a NAMES line may look alike
    uint32_t s = unhex(p + 1, 4), q = unhex(p + 5, 8);
    if (s >= (uint32_t)S) { badpad++; return; }
    if (memcmp(p + HDR, pad, B - HDR)) badpad++;
    uint32_t *ls = &lastseq[(size_t)(c - C) * S + s];
    if (q == *ls + 1) *ls = q; else if (q <= *ls) dups++; else { gaps += q - *ls - 1; *ls = q; }
    deliv[s]++; total++; c->got++; t_last = now;
    if (lat) { if (nlat == caplat) lat = realloc(lat, (caplat *= 2) * 8); uint64_t ts = unhex(p + 13, 16); lat[nlat++] = now > ts ? now - ts : 0; }
    return;
  }
  slow_line(c, l, n);
}
static char rb[CARRY + RB + 8];
static void on_read(conn *c) {
  int k0 = c->ncarry; if (k0) memcpy(rb, c->carry, k0);
  ssize_t k = recv(c->fd, rb + k0, RB, 0);
  if (k <= 0) { if (k < 0 && errno == EAGAIN) return; kill_conn(c, k ? strerror(errno) : "server closed"); return; }
  now = ns(); recvs++; rbytes += k;
  char *p = rb, *e = rb + k0 + k, *nl;
  while ((nl = memchr(p, '\n', e - p))) {
    int n = nl - p; if (n && p[n - 1] == '\r') n--;
    if (n) line(c, p, n);
    if (c->st == S_DEAD) return;
    p = nl + 1;
  }
  c->ncarry = e - p; if (c->ncarry > CARRY) die("line too long"); if (c->ncarry) memcpy(c->carry, p, c->ncarry);
}
static int poll_once(int ms) {
  static struct epoll_event ev[2048]; int n = epoll_wait(ep, ev, 2048, ms);
  for (int i = 0; i < n; i++) {
    if (ev[i].data.u32 == UINT32_MAX) { uint64_t x; (void)!read(tfd, &x, 8); continue; }
    conn *c = &C[ev[i].data.u32]; if (c->st == S_DEAD) continue;
    if (c->st == S_CONN) {
      int er = 0; socklen_t sl = sizeof er; getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &er, &sl);
      if (er) { kill_conn(c, strerror(er)); continue; }
      c->st = S_REG; int id = nickbase + (int)(c - C); outf(c, "NICK b%d\r\nUSER u%d 0 * :load\r\n", id, id); flush(c); continue;
    }
    if (ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) on_read(c);
    if (c->st != S_DEAD && (ev[i].events & EPOLLOUT)) flush(c);
  }
  return n;
}
static void quiet(double s) { uint64_t t = ns(), lim = t + 120000000000ull; while (ns() < lim) { uint64_t r = recvs; poll_once(20); uint64_t x = ns(); if (recvs != r) t = x; else if (x - t > s * 1e9) break; } }
static int cmp64(const void *a, const void *b) { uint64_t x = *(uint64_t *)a, y = *(uint64_t *)b; return x < y ? -1 : x > y; }

int main(int argc, char **argv) {
  static struct option o[] = {{"host", 1, 0, 'h'}, {"port", 1, 0, 'p'}, {"n", 1, 0, 'n'}, {"k", 1, 0, 'k'}, {"senders", 1, 0, 's'}, {"bytes", 1, 0, 'b'},
    {"window", 1, 0, 'w'}, {"mode", 1, 0, 'm'}, {"rate", 1, 0, 'r'}, {"secs", 1, 0, 't'}, {"msgs", 1, 0, 'M'}, {"pids", 1, 0, 'P'}, {"hold", 1, 0, 'H'},
    {"nickbase", 1, 0, 'B'}, {"inflight", 1, 0, 'i'}, {"verbose", 0, 0, 'v'}, {0}};
  for (int ch; (ch = getopt_long(argc, argv, "", o, 0)) != -1;) switch (ch) {
    case 'h': host = optarg; break; case 'p': port = atoi(optarg); break; case 'n': N = atoi(optarg); break; case 'k': K = atoi(optarg); break;
    case 's': S = atoi(optarg); break; case 'b': B = atoi(optarg); break; case 'w': W = atoi(optarg); break; case 'm': mode = optarg; break;
    case 'r': rate = atof(optarg); break; case 't': secs = atof(optarg); break; case 'M': M = atol(optarg); break; case 'P': pids = optarg; break;
    case 'H': hold = atof(optarg); break; case 'B': nickbase = atoi(optarg); break; case 'i': inflight = atoi(optarg); break; case 'v': verbose = 1; break;
    default: return 2; }
  if (strcmp(host, "127.0.0.1") && strcmp(host, "localhost")) die("loopback only");
  if (S > N) S = N;
  if (S < 1) S = 1;
  if (B < HDR + 3 || B > 400) die("bytes must be 32..400");
  struct rlimit rl; getrlimit(RLIMIT_NOFILE, &rl); rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl);
  if (rl.rlim_cur < (rlim_t)N + 64) die("fd limit %ld too low", (long)rl.rlim_cur);
  signal(SIGPIPE, SIG_IGN);
  for (int i = 0; i < 16; i++) hexv[(int)"0123456789abcdef"[i]] = i;
  pad = malloc(B); memset(pad, 'x', B); C = calloc(N, sizeof *C); chan_n = calloc(K, sizeof(int));
  lastseq = calloc((size_t)N * S, 4); sent = calloc(S, 4); deliv = calloc(S, 8);
  for (int i = 0; i < N; i++) { C[i].chan = i % K; C[i].sidx = i < S ? i : -1; chan_n[i % K]++; }
  ep = epoll_create1(0); struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)}; a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  double u0, s0, u1, s1; long rss0 = rss_kb(); cpu_of(&u0, &s0); double cc0 = u0 + s0; uint64_t t0 = ns();
  // connect + register, at most `inflight` at a time
  for (int i = 0; ready + dead < N;) {
    while (i < N && pend < inflight) {
      conn *c = &C[i]; c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0); if (c->fd < 0) die("socket: %s", strerror(errno));
      int one = 1; setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      if (connect(c->fd, (void *)&a, sizeof a) && errno != EINPROGRESS) die("connect: %s", strerror(errno));
      c->st = S_CONN; c->ev = EPOLLIN | EPOLLOUT; struct epoll_event e = {c->ev, {.u32 = i}}; epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e); pend++; i++;
    }
    if (!poll_once(15000)) die("stalled registering: ready %d dead %d of %d (%s)", ready, dead, N, firsterr);
    if (dead > 5) die("registering: %d dead (%s)", dead, firsterr);
  }
  uint64_t t1 = ns(); long rss1 = rss_kb();
  for (int i = 0; joined + dead < N;) {
    while (i < N && pend < inflight) { conn *c = &C[i++]; if (c->st != S_READY) continue; outf(c, "JOIN #c%d\r\n", c->chan); c->st = S_JOINING; pend++; flush(c); }
    if (!poll_once(15000)) die("stalled joining: joined %d dead %d of %d (%s)", joined, dead, N, firsterr);
  }
  uint64_t t2 = ns(); quiet(warm); cpu_of(&u1, &s1); long rss2 = rss_kb();
  printf("{\"n\":%d,\"k\":%d,\"s\":%d,\"b\":%d,\"w\":%d,\"mode\":\"%s\",\"reg_s\":%.3f,\"join_s\":%.3f,\"setup_cpu_s\":%.2f,\"rss0_kb\":%ld,\"rss_reg_kb\":%ld,\"rss_join_kb\":%ld",
         N, K, S, B, W, mode, (t1 - t0) / 1e9, (t2 - t1) / 1e9, u1 + s1 - cc0, rss0, rss1, rss2);
  if (dead) { printf(",\"error\":\"%d dead before start: %s\"}\n", dead, firsterr); return 1; }
  if (!strcmp(mode, "idle")) {
    if (hold > 0) { uint64_t e = ns() + (uint64_t)(hold * 1e9); while (ns() < e) poll_once(50); }
    double u2, s2; cpu_of(&u2, &s2); long r = rss_kb();
    printf(",\"rss_hold_kb\":%ld,\"kb_per_conn\":%.3f,\"idle_cpu_s\":%.2f,\"dead\":%d}\n", r, (double)(r - rss0) / N, u2 + s2 - u1 - s1, dead); return dead != 0;
  }
  total = expect = recvs = rbytes = 0; measuring = 1; cpu_of(&u0, &s0); double me0 = self_cpu(); uint64_t st = ns(), stop = st + (uint64_t)(secs * 1e9); now = t_last = st;
  if (!strcmp(mode, "lat")) {                            // open loop; the stamp is the SCHEDULED send time
    caplat = 1 << 20; lat = malloc(caplat * 8); tfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct epoll_event e = {EPOLLIN, {.u32 = UINT32_MAX}}; epoll_ctl(ep, EPOLL_CTL_ADD, tfd, &e);
    uint64_t step = 1e9 / rate, next = st + 50000000; stop += 50000000;
    for (uint64_t i = 0; next < stop && !dead; ) {
      struct itimerspec it = {.it_value = {next / 1000000000ull, next % 1000000000ull}}; timerfd_settime(tfd, TFD_TIMER_ABSTIME, &it, 0);
      poll_once(1000);
      while (next <= ns() && next < stop) { conn *c = &C[i++ % S]; if (c->st == S_JOINED) { say(c, next); flush(c); } next += step; }
    }
    st += 50000000;
  } else {                                               // window-limited, as fast as the server goes
    for (;;) {
      uint64_t t = ns(); int more = 0;
      if ((M == 0 && t >= stop) || dead) break;
      for (int i = 0; i < S; i++) {
        conn *c = &C[i]; uint64_t m = chan_n[c->chan] - 1; if (!m || c->st != S_JOINED || c->olen) { if (c->olen) more = 1; continue; }
        long cred = W - (long)(sent[i] - deliv[i] / m);
        if (M && cred > M - (long)sent[i]) cred = M - (long)sent[i];
        if (M && (long)sent[i] < M) more = 1;
        if (cred < (W + 1) / 2 && !(M && cred > 0 && M - (long)sent[i] <= W)) continue;   // refill by half windows
        while (cred-- > 0) say(c, t);
        flush(c);
      }
      if (M && !more) break;
      poll_once(100);
    }
  }
  uint64_t sendend = ns(), lastprog = sendend, seen = total;
  while (total < expect && !dead) { poll_once(200); uint64_t t = ns(); if (total != seen) { seen = total; lastprog = t; } else if (t - lastprog > 8000000000ull) break; }
  double me1 = self_cpu(); cpu_of(&u1, &s1); long rss3 = rss_kb(); double wall = (t_last - st) / 1e9, cpu = u1 + s1 - u0 - s0;
  quiet(0.2);                                            // late duplicates would show here
  uint64_t msgs = 0, wrong = 0; for (int i = 0; i < S; i++) msgs += sent[i];
  for (int i = 0; i < N; i++) for (int s = 0; s < S; s++) if (C[s].chan == C[i].chan && s != i && lastseq[(size_t)i * S + s] != sent[s]) wrong++;
  for (int i = 0; i < N; i++) for (int s = 0; s < S; s++) if ((C[s].chan != C[i].chan || s == i) && lastseq[(size_t)i * S + s]) wrong++;
  int ok = !dead && total == expect && !gaps && !dups && !wrong && !badpad;
  printf(",\"ok\":%s,\"msgs\":%" PRIu64 ",\"deliveries\":%" PRIu64 ",\"expected\":%" PRIu64 ",\"gaps\":%" PRIu64 ",\"dups\":%" PRIu64 ",\"wrong_pairs\":%" PRIu64 ",\"badpad\":%" PRIu64
         ",\"dead\":%d,\"wall_s\":%.3f,\"deliv_per_s\":%.0f,\"srv_cpu_s\":%.2f,\"srv_user_s\":%.2f,\"srv_sys_s\":%.2f,\"deliv_per_cpu_s\":%.0f,\"lg_cpu_s\":%.2f"
         ",\"deliv_per_recv\":%.2f,\"bytes_per_deliv\":%.1f,\"rss_end_kb\":%ld",
         ok ? "true" : "false", msgs, total, expect, gaps, dups, wrong, badpad, dead, wall, total / (wall > 0 ? wall : 1), cpu, u1 - u0, s1 - s0,
         cpu > 0 ? total / cpu : 0.0, me1 - me0, recvs ? (double)total / recvs : 0, total ? (double)rbytes / total : 0, rss3);
  if (lat && nlat) {
    qsort(lat, nlat, 8, cmp64);
    #define Q(f) (lat[(size_t)((nlat - 1) * (f))] / 1e3)
    double sum = 0; for (size_t i = 0; i < nlat; i++) sum += lat[i];
    printf(",\"rate\":%.0f,\"lat_us\":{\"min\":%.0f,\"p50\":%.0f,\"p90\":%.0f,\"p99\":%.0f,\"p999\":%.0f,\"max\":%.0f,\"mean\":%.0f}", rate, Q(0), Q(.5), Q(.9), Q(.99), Q(.999), Q(1), sum / nlat / 1e3);
  }
  if (firsterr[0]) { printf(",\"firsterr\":\""); for (char *p = firsterr; *p; p++) if (*p >= ' ' && *p != '"' && *p != '\\') putchar(*p); printf("\""); }
  printf("}\n"); return !ok;
}
