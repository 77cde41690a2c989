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
