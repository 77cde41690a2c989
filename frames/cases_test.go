package frames

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"testing"
)

// vector is one of http2jp/http2-frame-test-case.
type vector struct {
	ID, Wire string
	Error    []ErrorCode
	Frame    *struct {
		Length           uint32
		Type             Type
		Flags            Flags
		StreamIdentifier uint32 `json:"stream_identifier"`
		Payload          struct {
			Fragment      string     `json:"header_block_fragment"`
			Data          string     `json:"data"`
			PaddingLength *int       `json:"padding_length"`
			Dependency    *uint32    `json:"stream_dependency"`
			Weight        *int       `json:"weight"`
			Exclusive     *bool      `json:"exclusive"`
			ErrorCode     *ErrorCode `json:"error_code"`
			Settings      [][]uint32 `json:"settings"`
			Promised      *uint32    `json:"promised_stream_id"`
			Opaque        *string    `json:"opaque_data"`
			LastStreamID  *uint32    `json:"last_stream_id"`
			Debug         string     `json:"additional_debug_data"`
			Increment     *uint32    `json:"window_size_increment"`
		} `json:"frame_payload"`
	}
}

// isOfConnection are the vectors whose error isn't one of a frame alone: what a
// value means depends on streams, and package h2 says so.
var isOfConnection = map[string]bool{
	"error/push_promise-frame-promised_stream-odd":  true,
	"error/push_promise-frame-promised_stream-zero": true,
	"error/window_update-frame-increment":           true,
}

// TestVectors reads the frames of others.
func TestVectors(t *testing.T) {
	text, err := os.ReadFile("../../shared/data/http2_frame_cases.json")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("../../shared/data/http2_frame_cases.json isn't there: it is no part of the module")
	}
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []vector }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) < 30 {
		t.Fatalf("%d cases", len(file.Cases))
	}
	for _, v := range file.Cases {
		t.Run(v.ID, func(t *testing.T) { v.run(t) })
	}
}

func (v *vector) run(t *testing.T) {
	wire, err := hex.DecodeString(v.Wire)
	if err != nil {
		t.Fatal(err)
	}
	f, _, err := Read(wire)
	scope, code, _ := f.Check(16384)
	switch {
	case scope != ScopeNone:
	case errors.Is(err, ErrPadding):
		code = CodeProtocolError
	case errors.Is(err, ErrFields), errors.Is(err, ErrShort):
		code = CodeFrameSizeError
	}
	if isOfConnection[v.ID] {
		if code != CodeNoError {
			t.Errorf("%v: %v, though only a connection can know that", &f, code)
		}
		return
	}
	if len(v.Error) > 0 {
		if code == CodeNoError || !slices.Contains(v.Error, code) {
			t.Errorf("%v: %v %v, want one of %v", &f, code, err, v.Error)
		}
		return
	}
	if err != nil || code != CodeNoError {
		t.Fatalf("%v: %v %v", &f, code, err)
	}
	w, p := v.Frame, &v.Frame.Payload
	if f.Header != (Header{w.Length, w.Type, w.Flags, w.StreamIdentifier}) {
		t.Errorf("the header is %v", f.Header)
	}
	same := func(what string, got, want any) {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	if p.PaddingLength != nil {
		same("padding", f.padLength(), *p.PaddingLength)
	}
	switch f.Type {
	case TypeData:
		same("data", string(f.Rest), p.Data)
	case TypeHeaders, TypeContinuation, TypePushPromise:
		same("fragment", string(f.Rest), p.Fragment)
		if p.Promised != nil {
			same("promised", f.PushPromise.PromisedStreamID, *p.Promised)
		}
		if p.Dependency != nil && f.Flags.Has(FlagPriority) {
			same("dependency", f.Headers.StreamDependency, *p.Dependency)
			same("exclusive", f.Headers.Exclusive, *p.Exclusive)
			same("weight", int(f.Headers.Weight)+1, *p.Weight)
		}
	case TypePriority:
		same("dependency", f.Priority.StreamDependency, *p.Dependency)
		same("exclusive", f.Priority.Exclusive, *p.Exclusive)
		same("weight", int(f.Priority.Weight)+1, *p.Weight)
	case TypeRSTStream:
		same("code", f.RSTStream.ErrorCode, *p.ErrorCode)
	case TypeSettings:
		for i, want := range p.Settings {
			x := ReadSetting(f.Rest[SettingOctets*i:])
			same("setting", []uint32{uint32(x.Identifier), x.Value}, want)
		}
		same("settings", len(f.Rest), SettingOctets*len(p.Settings))
	case TypePing:
		same("opaque", string(f.Ping.OpaqueData[:]), *p.Opaque)
	case TypeGoAway:
		same("last", f.GoAway.LastStreamID, *p.LastStreamID)
		same("code", f.GoAway.ErrorCode, *p.ErrorCode)
		same("debug", string(f.Rest), p.Debug)
	case TypeWindowUpdate:
		same("increment", f.WindowUpdate.WindowSizeIncrement, *p.Increment)
	}
}
