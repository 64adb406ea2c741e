package policy

// Deadlines is the deadline policy: limits by level and by channel.
type Deadlines struct{}

// Calendar is the calendar of working days as the State Council published it.
type Calendar struct{}

// Alert is when a signal opens a case, and at which level.
type Alert struct{}
