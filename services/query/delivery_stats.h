#pragma once

#include "snapledger/v1/delivery.pb.h"
#include "storage/delivery_store.h"
#include "storage/destination_store.h"
#include "storage/receipt_store.h"

namespace snapledger::query {

// Adds the figures of one shard of a destination to those of others. Pure.
void Add(const storage::ShardDelivery& shard, storage::ShardDelivery* sum);

// How the deliveries of one destination stand, as GetDeliveryStats shows it. Pure.
void ToProto(const storage::Destination& destination, const storage::ShardDelivery& sum,
             v1::DestinationDelivery* message);

// Shows what the last look at Snap's counts said, where it was understood. Pure.
void AddReceipts(const storage::ReceiptObservation& last, v1::DestinationDelivery* message);

}  // namespace snapledger::query
