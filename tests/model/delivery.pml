/* The delivery protocol (docs/architecture.md) as a model for Spin: two dispatchers and a reaper on
 * one ledger, two events, and a Snap that may lose answers. A dispatcher may be paused between any
 * two steps, may crash, and may not learn whether its commit stands. Leases may end at any moment.
 *
 * One `atomic` block is one transaction of the database, or one step of Snap.
 *
 * Checked, by assertions and as the absence of a dead end:
 *   ghost         no request arrives at Snap that no committed attempt stands for
 *   one open      an event has at most one open attempt
 *   window        no request arrives after its event's dedup window
 *   no loss       what Snap took is never PENDING, REJECTED or EXPIRED afterwards
 *   sticky doubt  what was in doubt never becomes PENDING, REJECTED or EXPIRED
 *   no repeat     after Snap's complete "taken" was recorded no send of the event is decided (one
 *                 that was decided before may still arrive: nobody can stop a paused process)
 *   settles       no run stops before every event is final, or the attempts explored are used up
 */

/* -DBUG=n plants one of the mistakes below; the checks must find each (delivery.sh). */
#ifndef BUG
#define BUG 0
#endif
#define BUG_FORGETS_DOUBT 1        /* an unknown outcome goes back to PENDING */
#define BUG_REAPS_TO_PENDING 2     /* a lease that ended counts as not sent */
#define BUG_NO_FENCE 3             /* an outcome is written whoever owns the events now */
#define BUG_NO_WINDOW 4            /* doubt is sent again whatever the time */
#define BUG_LATE_REFUSAL 5         /* a late refusal ends doubt */
#define BUG_NEVER_REAPED 6         /* nobody looks for ended leases */

#define EVENTS 2
#define DISPATCHERS 2
#define ATTEMPTS 5       /* that are explored; slot 0 is none */
#ifndef PAUSES
#define PAUSES 1
#endif
#ifndef LOSSES
#define LOSSES 1
#endif
#ifndef CRASHES
#define CRASHES 1
#endif

mtype = { PENDING, IN_FLIGHT, IN_DOUBT, DELIVERED, REJECTED, EXPIRED, EXPIRED_IN_DOUBT };
mtype = { TAKEN, REFUSED, NOT_SENT, UNKNOWN };

/* The ledger. */
typedef Event {
  mtype state;
  bool doubted;          /* in_doubt_since is set */
  byte fence;
  byte attempt;          /* last_attempt_id */
  bool window_begun;     /* first_sent_time is set */
};
typedef Attempt {
  bool open;
  byte events;           /* bit set */
  byte fence[EVENTS];
};
Event event[EVENTS];
Attempt attempt[ATTEMPTS + 1];
byte attempts = 0;

/* Snap, and what only the model knows. */
bool taken[EVENTS];              /* Snap holds the event */
bool answered_taken[EVENTS];     /* a complete "taken" is on record */
bool margin_begun = false;       /* no more re-sends are decided */
bool window_closed = false;      /* Snap has forgotten */
byte deciding = 0;               /* dispatchers between the window check and the arrival */

byte pauses = PAUSES, losses = LOSSES, crashes = CRASHES;
bool paused[DISPATCHERS];

#define HAS(set, e) ((set >> e) & 1)
#define FINAL(e) (event[e].state == DELIVERED || event[e].state == REJECTED || \
                  event[e].state == EXPIRED || event[e].state == EXPIRED_IN_DOUBT)
#define SETTLED (FINAL(0) && FINAL(1))
#define DUE(e) (event[e].state == PENDING || event[e].state == IN_DOUBT)
#define OPEN (attempt[1].open || attempt[2].open || attempt[3].open || attempt[4].open || \
              attempt[5].open)
#define RUNS(d) (!paused[d])

inline check_books() {
  e = 0;
  do
  :: e < EVENTS ->
     n = 0; a = 1;
     do
     :: a <= attempts -> n = n + (attempt[a].open && HAS(attempt[a].events, e)); a++
     :: else -> break
     od;
     assert(n <= 1);
     assert(event[e].state != IN_FLIGHT || n == 1);
     assert(!taken[e] || event[e].state == IN_FLIGHT || event[e].state == IN_DOUBT ||
            event[e].state == DELIVERED || event[e].state == EXPIRED_IN_DOUBT);
     assert(!event[e].doubted || (event[e].state != PENDING && event[e].state != REJECTED &&
                                  event[e].state != EXPIRED));
     e++
  :: else -> break
  od;
  e = 0; n = 0; a = 0
}

/* What stays of an event whose send has an unknown outcome. */
inline doubt_event(e, bug) {
  if
  :: BUG == bug -> event[e].state = PENDING
  :: else -> event[e].state = IN_DOUBT; event[e].doubted = true
  fi
}

/* Claim and intent: the due events of one queue, fresh or doubtful, and the attempt. A doubtful one
 * whose window has closed, less the margin, ends instead. */
inline claim() {
  atomic {
    set = 0; mine = 0;
    if
    :: attempts < ATTEMPTS ->
       doubt = false;
       if
       :: event[0].state == PENDING || event[1].state == PENDING -> doubt = false
       :: event[0].state == IN_DOUBT || event[1].state == IN_DOUBT -> doubt = true
       :: else -> skip
       fi;
       e = 0;
       do
       :: e < EVENTS ->
          if
          :: !doubt && event[e].state == PENDING -> set = set | (1 << e)
          :: doubt && event[e].state == IN_DOUBT && (!margin_begun || BUG == BUG_NO_WINDOW) ->
             set = set | (1 << e)
          :: doubt && event[e].state == IN_DOUBT && margin_begun && BUG != BUG_NO_WINDOW ->
             event[e].state = EXPIRED_IN_DOUBT
          :: else -> skip
          fi;
          e++
       :: else -> break
       od;
       if
       :: set != 0 && !(doubt == false && margin_begun) ->
          attempts++; mine = attempts;
          attempt[mine].open = true; attempt[mine].events = set;
          e = 0;
          do
          :: e < EVENTS ->
             if
             :: HAS(set, e) ->
                event[e].state = IN_FLIGHT; event[e].fence++; event[e].attempt = mine;
                event[e].window_begun = true;
                attempt[mine].fence[e] = event[e].fence
             :: else -> skip
             fi;
             e++
          :: else -> break
          od
       :: set != 0 && doubt == false && margin_begun ->
          /* Stands for the age limit: too old for Snap, never sent. */
          e = 0;
          do
          :: e < EVENTS ->
             if
             :: HAS(set, e) -> event[e].state = EXPIRED
             :: else -> skip
             fi;
             e++
          :: else -> break
          od;
          set = 0
       :: else -> skip
       fi;
       check_books()
    :: else -> skip
    fi
  }
}

/* The outcome, guarded by the open attempt and the fences. */
inline record() {
  atomic {
    if
    :: attempt[mine].open || BUG == BUG_NO_FENCE ->
       attempt[mine].open = false;
       e = 0;
       do
       :: e < EVENTS ->
          if
          :: HAS(set, e) ->
             assert(BUG == BUG_NO_FENCE ||
                    (event[e].state == IN_FLIGHT && event[e].fence == attempt[mine].fence[e]));
             if
             :: outcome == TAKEN -> event[e].state = DELIVERED; answered_taken[e] = true
             :: outcome == REFUSED && !event[e].doubted -> event[e].state = REJECTED
             :: outcome == REFUSED && event[e].doubted -> event[e].state = EXPIRED_IN_DOUBT
             :: outcome == NOT_SENT && !event[e].doubted -> event[e].state = PENDING
             :: outcome == NOT_SENT && event[e].doubted -> event[e].state = IN_DOUBT
             :: outcome == UNKNOWN -> doubt_event(e, BUG_FORGETS_DOUBT)
             fi
          :: else -> skip
          fi;
          e++
       :: else -> break
       od
    :: else ->
       /* Late: a definitive success ends doubt, nothing else changes anything. */
       e = 0;
       do
       :: e < EVENTS ->
          if
          :: HAS(set, e) && outcome == TAKEN && event[e].state == IN_DOUBT ->
             event[e].state = DELIVERED; answered_taken[e] = true
          :: HAS(set, e) && outcome == REFUSED && event[e].state == IN_DOUBT &&
             BUG == BUG_LATE_REFUSAL -> event[e].state = REJECTED
          :: else -> skip
          fi;
          e++
       :: else -> break
       od
    fi;
    check_books()
  }
}

/* Arrival at Snap and its answer, or the loss of either. */
inline send() {
  atomic {
    deciding--;
    if
    :: outcome = NOT_SENT                            /* no connection: no byte left */
    :: outcome = REFUSED; arrive(false)
    :: outcome = TAKEN; arrive(true)
    :: losses > 0 -> losses--; outcome = UNKNOWN; arrive(true)    /* the answer is lost */
    :: losses > 0 -> losses--; outcome = UNKNOWN                  /* the request is lost */
    fi
  }
}

inline arrive(takes) {
  assert(mine != 0 && mine <= attempts);             /* ghost */
  assert(!window_closed || !doubt);                  /* window */
  e = 0;
  do
  :: e < EVENTS ->
     if
     :: HAS(set, e) ->
        assert(HAS(attempt[mine].events, e));
        taken[e] = taken[e] || takes
     :: else -> skip
     fi;
     e++
  :: else -> break
  od;
  e = 0
}

proctype Dispatcher(byte d) {
  byte set = 0, mine = 0, e = 0, n = 0, a = 0;
  bool doubt = false;
  mtype outcome = UNKNOWN;
  do
  :: SETTLED -> break
  :: attempts >= ATTEMPTS -> break
  :: atomic { crashes > 0 && RUNS(d) -> crashes-- }; break   /* before the claim: nothing to lose */
  :: RUNS(d) && !SETTLED && attempts < ATTEMPTS && (DUE(0) || DUE(1)) ->
     claim();
     /* The answer to the commit may be lost: the attempt is looked up, which gives the same. */
     if
     :: mine == 0 -> skip
     :: mine != 0 ->
        if
        :: atomic { crashes > 0 -> crashes-- }; break   /* between intent and send */
        :: RUNS(d) -> skip
        fi;
        atomic {
          /* Lease left, and the window by the margin, are looked at just before the send. */
          if
          :: !attempt[mine].open -> outcome = NOT_SENT
          :: attempt[mine].open && doubt && margin_begun && BUG != BUG_NO_WINDOW ->
             outcome = NOT_SENT
          :: else -> outcome = UNKNOWN; deciding++;
             assert(!(HAS(set, 0) && answered_taken[0]) && !(HAS(set, 1) && answered_taken[1]))
          fi
        }
        if
        :: outcome == UNKNOWN -> RUNS(d); send()
        :: else -> skip
        fi;
        if
        :: atomic { crashes > 0 -> crashes-- }; break   /* between send and outcome */
        :: RUNS(d) -> record()
        fi;
        set = 0; mine = 0; outcome = UNKNOWN
     fi
  od
}

/* A lease may end whenever its attempt is open: the harshest clock there is. */
proctype Reaper() {
  byte e = 0, n = 0, a = 0;
  do
  :: SETTLED -> break
  :: attempts >= ATTEMPTS && !OPEN -> break
  :: atomic {
       OPEN && BUG != BUG_NEVER_REAPED ->
       a = 1;
       do
       :: a < attempts && !attempt[a].open -> a++
       :: else -> break
       od;
       if
       :: attempt[a].open ->
          attempt[a].open = false;
          e = 0;
          do
          :: e < EVENTS ->
             if
             :: HAS(attempt[a].events, e) && event[e].state == IN_FLIGHT &&
                event[e].attempt == a ->
                doubt_event(e, BUG_REAPS_TO_PENDING)
             :: else -> skip
             fi;
             e++
          :: else -> break
          od
       :: else -> skip
       fi;
       check_books()
     }
  od
}

/* Pauses a dispatcher anywhere, for any time but the margin. */
proctype Pauser() {
  byte d = 0;
  do
  :: atomic { pauses > 0 -> pauses--; if :: d = 0 :: d = 1 fi; paused[d] = true };
     paused[d] = false
  :: else -> break
  od
}

/* The window closes a margin after the last re-send may be decided: an hour, which no request with
 * its time limit, and no pause, outlasts. */
proctype Time() {
  margin_begun = true;
  atomic { deciding == 0 && !paused[0] && !paused[1] -> window_closed = true }
}

init {
  atomic {
    event[0].state = PENDING; event[1].state = PENDING;
    run Dispatcher(0); run Dispatcher(1); run Reaper(); run Pauser(); run Time()
  }
}
