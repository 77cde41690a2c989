package message

const (
	days   = "ThuFriSatSunMonTueWed" // 1 January 1970 was a Thursday
	months = "JanFebMarAprMayJunJulAugSepOctNovDec"

	secondsADay = 24 * 60 * 60
)

// DateOctets is the length of a date as AppendDate writes it, for years of four
// digits.
const DateOctets = len("Sun, 06 Nov 1994 08:49:37 GMT")

// AppendDate appends the time of unix, in seconds since 1970 UTC, as
// IMF-fixdate (RFC 9110, Section 5.6.7). Times outside of the years 0 to 9999
// are taken for the nearest within.
func AppendDate(dst []byte, unix int64) []byte {
	unix = min(max(unix, -62167219200), 253402300799)
	day, second := unix/secondsADay, unix%secondsADay
	if second < 0 {
		day, second = day-1, second+secondsADay
	}
	weekday := 3 * ((day%7 + 7) % 7)
	year, month, date := civil(day)
	dst = append(dst, days[weekday:weekday+3]...)
	dst = append(dst, ',', ' ')
	dst = append(appendPair(dst, date), ' ')
	dst = append(dst, months[3*month:3*month+3]...)
	dst = append(dst, ' ')
	dst = append(appendPair(appendPair(dst, year/100), year%100), ' ')
	dst = append(appendPair(dst, second/3600), ':')
	dst = append(appendPair(dst, second/60%60), ':')
	return append(appendPair(dst, second%60), " GMT"...)
}

// appendPair appends a number below 100 in two digits.
func appendPair(dst []byte, n int64) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10))
}

// civil is the date of a day, counted from 1 January 1970, in the Gregorian
// calendar; month 0 is January. It counts in years that begin in March, so that
// the leap day is the last one, and in eras of 400 years, which are all alike.
func civil(day int64) (year, month, date int64) {
	day += 719468 // from 1 March of the year 0
	era := day / 146097
	if day < 0 {
		era = (day - 146096) / 146097
	}
	ofEra := day - era*146097
	yearOfEra := (ofEra - ofEra/1460 + ofEra/36524 - ofEra/146096) / 365
	ofYear := ofEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	fromMarch := (5*ofYear + 2) / 153
	date = ofYear - (153*fromMarch+2)/5 + 1
	month = (fromMarch + 2) % 12
	year = yearOfEra + era*400
	if month < 2 {
		year++
	}
	return year, month, date
}

// ParseDate reads an HTTP-date in any of its three forms (RFC 9110,
// Section 5.6.7), as seconds since 1970 UTC. A year of two digits is the one
// that is at most 50 years after now, which counts likewise. It is false if b is
// none, or a day that isn't in the calendar. It does not allocate.
func ParseDate(b []byte, now int64) (unix int64, ok bool) {
	var m HTTPDateValue
	if !m.Consume(b) {
		return 0, false
	}
	month, date := int64(m.MonthID-MonthJan), int64(m.Day+m.PaddedDay+m.ShortDay) // one of the three
	at := func(year int64) int64 {
		return dayOf(year, month, date)*secondsADay + int64(m.Hour*3600+m.Minute*60+m.Second)
	}
	year := int64(m.Year)
	if m.IsShort {
		thisYear, _, _ := civil(floorDay(now))
		year = thisYear - thisYear%100 + int64(m.ShortYear) + 100
		for ; isFarAhead(at(year), now); year -= 100 {
		}
	}
	if y, mo, d := civil(dayOf(year, month, date)); y != year || mo != month || d != date {
		return 0, false
	}
	return at(year), true
}

// isFarAhead says whether a time in that year is more than 50 years after now.
func isFarAhead(unix, now int64) bool {
	y, month, date := civil(floorDay(now))
	second := now - floorDay(now)*secondsADay
	return unix > dayOf(y+50, month, date)*secondsADay+second
}

// floorDay is the day of a time, counted from 1 January 1970.
func floorDay(unix int64) int64 {
	day := unix / secondsADay
	if unix%secondsADay < 0 {
		day--
	}
	return day
}

// dayOf is the mirror of civil: the day of a date.
func dayOf(year, month, date int64) int64 {
	if month < 2 {
		year--
	}
	era := year / 400
	if year < 0 {
		era = (year - 399) / 400
	}
	ofEra := year - era*400
	ofYear := (153*((month+10)%12)+2)/5 + date - 1
	return era*146097 + ofEra*365 + ofEra/4 - ofEra/100 + ofYear - 719468
}
