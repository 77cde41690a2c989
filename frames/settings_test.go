package frames

import "testing"

func TestSettingRanges(t *testing.T) {
	tests := []struct {
		id    SettingID
		value uint32
		scope Scope
		code  ErrorCode
	}{
		{SettingHeaderTableSize, 1<<32 - 1, ScopeNone, 0},
		{SettingEnablePush, 1, ScopeNone, 0},
		{SettingEnablePush, 2, ScopeConnection, CodeProtocolError},
		{SettingMaxConcurrentStreams, 0, ScopeNone, 0},
		{SettingInitialWindowSize, 1<<31 - 1, ScopeNone, 0},
		{SettingInitialWindowSize, 1 << 31, ScopeConnection, CodeFlowControlError},
		{SettingMaxFrameSize, 16383, ScopeConnection, CodeProtocolError},
		{SettingMaxFrameSize, 16384, ScopeNone, 0},
		{SettingMaxFrameSize, 1<<24 - 1, ScopeNone, 0},
		{SettingMaxFrameSize, 1 << 24, ScopeConnection, CodeProtocolError},
		{SettingEnableConnectProtocol, 2, ScopeConnection, CodeProtocolError},
		{SettingNoRFC7540Priorities, 2, ScopeConnection, CodeProtocolError},
		{0x99, 1<<32 - 1, ScopeNone, 0},
	}
	for _, test := range tests {
		scope, code, rule := Setting{test.id, test.value}.Check()
		if scope != test.scope || code != test.code || (rule == "") != (scope == ScopeNone) {
			t.Errorf("%v=%d: %v %v %q, want %v %v", test.id, test.value, scope, code, rule, test.scope, test.code)
		}
	}
}

func TestSettingsSet(t *testing.T) {
	s := DefaultSettings()
	if s.HeaderTableSize != 4096 || s.EnablePush != 1 || s.InitialWindowSize != 65535 || s.MaxFrameSize != 16384 {
		t.Errorf("initial settings are %+v", s)
	}
	was := s
	if s.Set(Setting{0x99, 1}); s != was {
		t.Error("an unknown setting has changed something")
	}
	for id := SettingHeaderTableSize; id <= SettingNoRFC7540Priorities; id++ {
		was := s
		if s.Set(Setting{id, 77}); (s == was) != (id.String() == "unknown") {
			t.Errorf("%v: %+v", id, s)
		}
	}
}
