#pragma once
namespace fairlead::zones { class Snapshot; }
