// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/ModelFactory.h"
#include "studio/document/Document.h"
#include "studio/review/Inbox.h"

#include <memory>
#include <optional>
#include <unordered_map>

namespace masque {

/// What a run says of the class of every image of the dataset, found by a job and told as it comes.
class ModelOpinions : public QObject {
    Q_OBJECT
public:
    struct Opinion {
        std::string name; ///< of the class
        double confidence = 0;
    };

    ModelOpinions(Document &document, ModelList models, JobRunner &jobs, QObject *parent = nullptr);
    ~ModelOpinions() override;

    void ask(const std::string &run); ///< another run's opinions are forgotten; empty: none is asked
    std::optional<Opinion> of(int item) const;
    bool isEmpty() const { return m_opinions.empty(); }
    bool isAsking() const { return m_job != 0; }

Q_SIGNALS:
    void changed(int first, int last); ///< items
    void ended(const QString &error);

private:
    struct Found {
        int item;
        Opinion opinion;
    };
    void drain();

    Document &m_document;
    const ModelList m_models;
    JobRunner &m_jobs;
    std::unordered_map<int, Opinion> m_opinions;
    std::shared_ptr<Inbox<Found>> m_inbox;
    JobId m_job = 0;
};

} // namespace masque
