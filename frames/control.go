package frames

// Whole frames of those that have no payload but fields. Streams and increments
// have 31 bits.

// AppendRSTStreamFrame appends a RST_STREAM (RFC 9113, Section 6.4).
func AppendRSTStreamFrame(dst []byte, streamID uint32, code ErrorCode) []byte {
	dst = AppendHeader(dst, Header{Length: RSTStreamOctets, Type: TypeRSTStream, StreamID: streamID})
	return AppendRSTStream(dst, RSTStream{ErrorCode: code})
}

// AppendSettingsFrame appends a SETTINGS (RFC 9113, Section 6.5).
func AppendSettingsFrame(dst []byte, settings ...Setting) []byte {
	dst = AppendHeader(dst, Header{Length: uint32(SettingOctets * len(settings)), Type: TypeSettings})
	for _, x := range settings {
		dst = AppendSetting(dst, x)
	}
	return dst
}

// AppendSettingsAck appends the acknowledgement of a SETTINGS (RFC 9113,
// Section 6.5.3).
func AppendSettingsAck(dst []byte) []byte {
	return AppendHeader(dst, Header{Type: TypeSettings, Flags: FlagAck})
}

// AppendPingFrame appends a PING, or with isAck the answer to one (RFC 9113,
// Section 6.7).
func AppendPingFrame(dst []byte, isAck bool, data [8]byte) []byte {
	h := Header{Length: PingOctets, Type: TypePing}
	if isAck {
		h.Flags = FlagAck
	}
	return AppendPing(AppendHeader(dst, h), Ping{OpaqueData: data})
}

// AppendGoAwayFrame appends a GOAWAY (RFC 9113, Section 6.8).
func AppendGoAwayFrame(dst []byte, lastStreamID uint32, code ErrorCode, debug []byte) []byte {
	dst = AppendHeader(dst, Header{Length: uint32(GoAwayOctets + len(debug)), Type: TypeGoAway})
	dst = AppendGoAway(dst, GoAway{LastStreamID: lastStreamID, ErrorCode: code})
	return append(dst, debug...)
}

// AppendWindowUpdateFrame appends a WINDOW_UPDATE: of the connection if streamID is
// 0 (RFC 9113, Section 6.9).
func AppendWindowUpdateFrame(dst []byte, streamID, increment uint32) []byte {
	dst = AppendHeader(dst, Header{Length: WindowUpdateOctets, Type: TypeWindowUpdate, StreamID: streamID})
	return AppendWindowUpdate(dst, WindowUpdate{WindowSizeIncrement: increment})
}

// AppendPriorityUpdateFrame appends a PRIORITY_UPDATE (RFC 9218, Section 7.1).
func AppendPriorityUpdateFrame(dst []byte, streamID uint32, value string) []byte {
	dst = AppendHeader(dst, Header{Length: uint32(PriorityUpdateOctets + len(value)), Type: TypePriorityUpdate})
	dst = AppendPriorityUpdate(dst, PriorityUpdate{PrioritizedStreamID: streamID})
	return append(dst, value...)
}
